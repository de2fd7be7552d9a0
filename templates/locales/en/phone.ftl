# Words of the phone: its screens, and what is sent to it. Messages keep to letters that fit into one text message.

phone-title = Add your phone number
phone-lead = We’ll send a code to it, now and when you sign in.
phone-country = Country
phone-country-choose = Choose a country
phone-number = Phone number
phone-channel = How should the code reach you?
phone-by-sms = Text message
phone-by-voice = Phone call
phone-send = Send me a code
phone-weaker = Good to know: a passkey or an authenticator app is safer than a phone number, which others can take over.

phone-code-title = Enter the code we sent you
phone-code-lead-sms = We sent a text message to
phone-code-lead-voice = We are calling
phone-edit = Change number
phone-code-label = Enter the 6 digits of the code
phone-no-code = No code yet?
phone-again-sms = Send a new code
phone-again-voice = Call me again
phone-rather-sms = Send a text message
phone-rather-voice = Call me instead
phone-wait =
    You can ask for another code in { $seconds ->
        [one] a second
       *[other] { $seconds } seconds
    }. The code we sent works for 10 minutes; a new one replaces it.

# While it counts down, as 0:42.
phone-wait-left = You can ask for another code in { $left }.
phone-wait-over = You can ask for another code now.

phone-wait-minutes =
    You can ask for another code in { $minutes ->
        [one] a minute
       *[other] { $minutes } minutes
    }. The code we sent works for 10 minutes; a new one replaces it.

## When a form needs another look

error-number-missing = Enter your phone number.
error-number-format = That doesn’t look like a phone number. Use digits only, without an extension.
error-number-country = Choose your country from the list. We can’t send codes to other countries.
error-number-invalid = There is no such number in that country. Please check its digits.
error-number-kind = We can’t send codes to that kind of number. Please use a mobile phone’s number.
error-number-landline = That is a landline, which takes no text messages. Please use a mobile phone’s number.
error-number-landline-call = That is a landline, which takes no text messages. Choose a phone call instead, or use a mobile phone’s number.
error-phone-code-missing = Enter the 6 digits of the code we sent you.
error-phone-code-wrong = That code isn’t right. Check the latest message; only its code works.
error-phone-code-ended = That code is too old. Enter your number once more, and we’ll send you a new one.
error-phone-too-soon-seconds =
    The last code may still be on its way. You can ask for another one in { $seconds ->
        [one] a second
       *[other] { $seconds } seconds
    }.
error-phone-too-soon =
    The last code may still be on its way. You can ask for another one in { $minutes ->
        [one] a minute
       *[other] { $minutes } minutes
    }.
error-phone-too-often =
    We have sent too many codes. Please try again in { $minutes ->
        [one] a minute
       *[other] { $minutes } minutes
    }, or use another method.
error-phone-unreachable = We can’t send codes to this number right now. Please use another method, or try again in an hour.

## Messages

sms-enrollment = is your code to add this phone at { $site }. Never share it.
sms-verification = is your code to sign in at { $site }. Never share it.
voice-enrollment = Hello. This is { $site }, with your code to add this phone.
voice-verification = Hello. This is { $site }, with your code to sign in.
voice-code = Your code is: { $code }
voice-again = Once more, your code is: { $code }
voice-end = Never share it. Goodbye.
