# Words of the pages on which a person proves a factor that they have.

login-lead = Before another method is added, show that it’s you.
login-lead-application = { $application } asks for a second proof. Show that it’s you.
login-cancel = Cancel and go back to { $application }
login-remember = Don’t ask again in this browser for { $days } days
login-not-you = This isn’t me
login-stopped-title = Sign-in is locked for now
login-stopped-text = There were too many wrong tries. To keep your account safe, nothing is accepted until { $until }. If you can’t wait, get in touch with us.
login-another-way = Try another way
login-choose-title = How would you like to confirm that it’s you?
login-choose-lead = Any method of your account will do.
login-otp-title = Enter the code of your app

login-recovery-code-name = Recovery code
login-recovery-code-hint = The code that you kept in a safe place. It works once; you get a fresh one.
login-recovery-code-title = Enter your recovery code
login-recovery-code-lead = It works once. Afterwards we show you a fresh one.
login-recovery-code-label = Recovery code, 24 letters and digits

login-phone-title = Get a code on your phone
login-phone-lead = We’ll send it to your number that ends in { $last4 }.
login-phone-sent-sms = We sent a text message to your number that ends in { $last4 }.
login-phone-sent-voice = We’re calling your number that ends in { $last4 }.
login-phone-send-sms = Text me a code
login-phone-send-voice = Call me with a code

login-push-start-title = Approve on your phone
login-push-start-lead = We’ll ask your phone. This page then shows a number to type there.
login-push-begin = Ask my phone
login-push-begin-again = Ask again
login-push-asked-title = Type this number on your phone
login-push-asked-lead = Open the page on your phone, if it doesn’t ring.
login-push-asked-lead-named = { $phone } asks for it. Open the page on your phone, if it doesn’t ring.
login-push-approved-title = Your phone approved
login-push-approved-lead = Go on here.
login-push-denied-title = It was denied on the phone
login-push-denied-lead = Nothing has changed. If it wasn’t you who started this, close this page and tell us.
login-push-wrong-number-title = The number didn’t match
login-push-wrong-number-lead = A wrong number was typed three times. Nothing has changed.
login-push-over-title = That took too long
login-push-over-lead = The question to your phone is over. Nothing is lost.

login-webauthn-roaming-title = Use your security key
login-webauthn-roaming-lead = Have it ready. Your browser will ask you to plug it in or hold it to your phone, and to touch it.
login-webauthn-roaming-go = Use my key
login-webauthn-platform-title = Confirm with this device
login-webauthn-platform-lead = Your face, your fingerprint or your screen lock is enough. They never leave the device.
login-webauthn-platform-go = Confirm
login-webauthn-no-platform = This device offers no face, fingerprint or screen lock to this browser. Please try another way.
login-webauthn-dismissed = It was dismissed, or it took too long. Please try once more, or another way.
login-webauthn-failed = Your browser couldn’t do it. Please try once more, or another way.

error-login-code-wrong = That code isn’t right. Wait for the next one in your app; each works once.
error-login-recovery-code-wrong = That isn’t your recovery code, or it was used already.
error-login-recovery-code-missing = Enter your recovery code.
error-login-recovery-code-format = A recovery code has 24 letters and digits. Please check what you entered.
error-login-webauthn-refused = That didn’t work. Use a key or device that belongs to this account, or try another way.
error-login-webauthn-none = No key or device of your account works on this page. Please try another way.
error-login-push-gone = That answer is over. Please ask your phone again.
error-login-push-too-many =
    Your phone was asked too often, or somebody denied it. Try another way, or again in { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    }.
error-login-phone-ended = Too many wrong codes. Please try another way.
error-login-too-soon =
    Too many wrong tries. Please wait { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    }.
