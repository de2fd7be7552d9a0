# Words of the phone that approves: the page beside it, and the phone's own page.

push-start-title = Approve on your phone
push-start-lead = Your phone’s browser becomes your key. There is no app to install.
push-start-one = Scan a code with your phone.
push-start-two = Connect on the page that opens there.
push-start-three = Type the number from this screen on your phone.
push-begin = Show the code
push-begin-again = Start again
push-lost = If you ever lose the phone, use your recovery code or another method to get in.

push-waiting-title = Connect your phone
push-waiting-lead = The code is good for five minutes.
push-step-scan = Scan this code with your phone’s camera.
push-step-here = Reading this on the phone you want to use? Connect it here.
push-qr-label = QR code that opens the page on your phone. The code for typing is in the next step.
push-this-device = Use this phone
push-step-code = Or open { $page } on your phone and type:
push-iphone = On an iPhone or iPad: open that page, choose Share, then “Add to Home Screen”, and type the code in the app that appears.
push-step-number = Once your phone is connected, this page shows a number.
push-waits = This page goes on by itself.

push-asked-title = Type this number on your phone
push-asked-lead = Your phone is connected and asks for it.
push-asked-lead-named = { $phone } is connected and asks for it.

push-approved-title = Your phone approved
push-approved-lead = One more step and it is saved.

push-denied-title = It was denied on the phone
push-denied-lead = Nothing has changed. If that was you by mistake, start again. If it wasn’t, close this page and tell us.

push-wrong-number-title = The number didn’t match
push-wrong-number-lead = A wrong number was typed three times. Nothing has changed.

push-over-title = That took too long
push-over-lead = The code is no longer good. Nothing is lost.

## The phone’s page

authenticator-title = Your phone is the key
authenticator-lead = Approve sign-ins here. The key never leaves this phone.
authenticator-needs-script = This page needs JavaScript. Please turn it on, or choose another method.
authenticator-unable = This browser can’t keep a key safely. Open the page in your phone’s own browser, not in a private window.
authenticator-install = On this device, first choose Share, then “Add to Home Screen”. Open the app that appears and type the code there: this tab would forget it.
authenticator-code = Code from the other screen
authenticator-connect = Connect this phone
authenticator-calls = You may be asked to allow notifications: then your phone rings when somebody signs in.
authenticator-accounts = Connected accounts
authenticator-watching = When you sign in, open this page and answer here.
authenticator-another = Connect another account
authenticator-remove = Remove
authenticator-sure = Remove it from this phone? You can’t approve with this phone any more then, though your account still lists it: only whoever runs the site can take it off there. Have your recovery code or another method ready.
authenticator-connected = Connected. Type the number that the other screen shows now.
authenticator-unknown = That code isn’t right, or it is too old. Look at the other screen.
authenticator-taken = Another phone was connected with this code. If that wasn’t yours, press “Start again” on the other screen.
authenticator-throttled = Too many wrong codes. Please wait a few minutes.
authenticator-away = The server can’t be reached. Please try again.
authenticator-prompt = Is this you?
authenticator-number = Number on the other screen
authenticator-approve = Approve
authenticator-deny = Deny
authenticator-not-me = This wasn’t me
authenticator-approved = Approved. Go on at the other screen.
authenticator-denied = Denied. Nothing has changed.
authenticator-wrong-number = That isn’t the number. Look at the other screen.
authenticator-over = That is over already.
authenticator-pending = not finished
authenticator-gone = no longer connected

## What the phone shows when it is called

push-call-title = { $site }
push-call-text = Somebody wants to sign in. Open to answer.

