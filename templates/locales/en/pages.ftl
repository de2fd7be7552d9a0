# Words of the pages. `$…` are values that the server puts in.

language-name = English

## The frame

frame-title = Protect your account
frame-welcome-back = Welcome back, { $email }
frame-links = Help and links
frame-help = Need help?
frame-language = Language
not-you = Is this not your account? Then stop here and close this page.
support-contact = Contact { $site }
steps-label = Step { $current } of { $total }

## The ticket's stub

stub-kind = Enrollment ticket
stub-valid-until = valid until { $date }
stub-used = used
stub-expired = expired
stub-replaced = replaced
stub-revoked = withdrawn
stub-already-enrolled = not needed

## Buttons

confirm = Confirm
continue = Continue
copy = Copy
copied = Copied
copy-failed = Selected: press Copy on your keyboard
download = Download
print = Print

## Choose a method

choose-title = Welcome, choose how to protect your account
choose-lead = It takes about a minute. From then on you’ll use it when you sign in.
choose-strongest = Strongest
choose-otp-name = Authenticator app
choose-otp-hint = Needs an app on your phone that shows a new code every 30 seconds; works without a connection.
choose-phone-name = Text message or call
choose-phone-hint = Needs a number that gets texts or calls. Better than nothing, but the weakest choice.
choose-push-notification-name = Approve on my phone
choose-push-notification-hint = Needs a phone with a browser; there is no app to install from a store.
choose-webauthn-roaming-name = Security key
choose-webauthn-roaming-hint = Needs a key that you plug in or hold to your phone.
choose-webauthn-platform-name = Passkey on this device
choose-webauthn-platform-hint = Needs the face, fingerprint or screen lock of this device.
choose-another-title = Add another method
choose-another-lead = What you have added already protects your account. Another method helps when one is out of reach.
choose-device-can = This device can do it
choose-device-cannot = This device can’t do it
choose-browser-cannot = This browser can’t do it
choose-recovery-code-name = Recovery code

## Authenticator app

otp-title = Connect your authenticator app
otp-lead = Any authenticator app will do, such as the one you already use.
otp-step-scan = Scan this code with your app.
otp-qr-label = QR code with your setup key. The same key is written out in the next step.
otp-open-app = Open in my authenticator app
otp-step-key = Can’t scan? Type this key into the app instead.
otp-step-code = Enter the 6 digits your app shows
otp-other = Use something else

## Recovery code

recovery-code-title = Keep this recovery code
recovery-code-lead = It lets you in once if you lose your device. After this page we can’t show it again.
recovery-code-fresh-lead = The one you just entered is used up; this one takes its place. After this page we can’t show it again.
recovery-code-label = Your recovery code
recovery-code-paper-site = For
recovery-code-paper-account = Account
recovery-code-paper-date = Issued
recovery-code-saved = I have saved this code somewhere safe

## Done

done-otp-title = You’re all set, your app is connected
done-otp-text = Next time you sign in, we’ll ask for a code from your app.
done-phone-title = You’re all set, your number is confirmed
done-phone-text = Next time you sign in, we’ll send a code to your number.
done-push-notification-title = You’re all set, your phone is connected
done-push-notification-text = Next time you sign in, we’ll ask you to approve it on your phone.
done-webauthn-roaming-title = You’re all set, your security key is ready
done-webauthn-roaming-text = Next time you sign in, we’ll ask for your key.
done-webauthn-platform-title = You’re all set, your passkey is ready
done-webauthn-platform-text = Next time you sign in, use your face, fingerprint or screen lock.
done-added = added
done-add-another = Add another method
done-finish = Finish
done-continue = Continue to { $host }
done-or-stop = Or stop here: your account is protected already.
done-close = That’s all. You can close this page.

## When a form needs another look

error-code-missing = Enter the 6 digits that your app shows now.
error-code-format = The code has 6 digits, nothing else. Please check it.
error-code-wrong = That code isn’t right. Wait for the next one in your app and enter it here.
error-code-clock =
    Your phone’s clock seems to be off by about { $minutes ->
        [one] a minute
       *[other] { $minutes } minutes
    }. Turn on automatic date and time on your phone, then enter a new code.
error-code-algorithm = Your app makes codes of a different kind. Remove this account from the app and scan the code above again; if that doesn’t help, try another app.
error-code-digits = Your app is set to another number of digits. Remove this account from the app and scan the code above again.
error-code-older-qr = That code belongs to an earlier QR code. Remove the older entry from your app and scan the code above.
error-code-used = That code was used already. Wait for the next one in your app.
error-too-many-failures =
    Too many wrong codes. Please try again in { $minutes ->
        [one] a minute
       *[other] { $minutes } minutes
    }.
error-link-blocked = Too many wrong codes: this link takes no more. Ask the people who sent it for a new one.
error-saved-missing = Tick the box once you have saved the code. You will need it if you lose your device.
error-factor-missing = Choose one of the methods below.

## When a link or a page can’t go on

result-was-valid-until = It was valid until { $date }.
result-retry-after =
    You can try again in { $minutes ->
        [one] a minute
       *[other] { $minutes } minutes
    }.
result-reference = Reference:

result-invalid-title = This link isn’t valid
result-invalid-text = It may have been cut off on the way. Open it again from the mail, or copy the whole address. If that doesn’t help, ask the people who sent it for a new one.
result-expired-title = This link has expired
result-expired-text = Ask the people who sent it for a new one; nothing has changed on your account.
result-used-title = This link has been used
result-used-text = Each link works once. If it was you, there is nothing left to do. If it wasn’t, tell us right away.
result-replaced-title = There is a newer mail
result-replaced-text = This link was replaced by one in a newer mail. Look for the latest mail and open the link in there.
result-revoked-title = This link was withdrawn
result-revoked-text = The people who sent it took it back; nothing has changed on your account. Ask them if you still need one.
result-already-enrolled-title = Your account is already protected
result-already-enrolled-text = A sign-in method is set up for it, so this link has nothing left to do. To change it, please get in touch.
result-throttled-title = Let’s take a short break
result-throttled-text = There were too many attempts in a short time. Nothing is lost.
result-no-method-title = Nothing can be set up yet
result-no-method-text = The methods this link asks for are not available here at the moment. Your link stays valid; please get in touch.
result-other-link-title = You opened another link
result-other-link-text = This page belongs to an older link. Go on in the window you opened last, or open the link in your mail again.
result-open-again-title = Open the link in your mail again
result-open-again-text = This page works only in the browser that opened the link. If that was this one, allow cookies for this site first.
result-login-over-title = This sign-in is over
result-login-over-text = It was finished, or it took too long. Go back to where you came from and sign in again.
result-session-ended-title = Time’s up for this page
result-session-ended-text = To keep your account safe, we ended this visit. Open the link in your mail again to go on.
result-forbidden-title = We couldn’t accept that form
result-forbidden-text = It didn’t come from a page that is still current. Open the link in your mail again and try once more.
result-not-found-title = There is nothing here
result-not-found-text = The address is incomplete or wrong. Open the link in your mail again.
result-too-large-title = That was too much
result-too-large-text = The form sent more than this page expects. Please go back and try again.
result-bad-request-title = We didn’t understand that
result-bad-request-text = Something in the request was not as it should be. Please go back and try again, or open the link in your mail again.
result-method-title = That doesn’t work here
result-method-text = This page can’t be used that way. Open the link in your mail again.
result-misdirected-title = This page has another address
result-misdirected-text = Open the link in your mail again: it leads to the right one.
result-error-title = Something went wrong on our side
result-error-text = Nothing you did caused this. Please try again in a moment; if it happens again, tell us the reference below.
result-unavailable-title = We’ll be right back
result-unavailable-text = Something we need is out of reach for a moment. Nothing is lost; please try again shortly.
