# Wörter der Seiten, auf denen jemand ein vorhandenes Verfahren bestätigt.

login-lead = Bevor ein weiteres Verfahren hinzukommt, zeigen Sie bitte, dass Sie es sind.
login-lead-application = { $application } verlangt einen zweiten Nachweis. Zeigen Sie, dass Sie es sind.
login-cancel = Abbrechen und zurück zu { $application }
login-remember = In diesem Browser { $days } Tage lang nicht mehr fragen
login-not-you = Das bin ich nicht
login-stopped-title = Die Anmeldung ist vorerst gesperrt
login-stopped-text = Es gab zu viele falsche Versuche. Zum Schutz Ihres Kontos wird bis { $until } nichts angenommen. Wenn Sie nicht warten können, melden Sie sich bei uns.
login-another-way = Anders bestätigen
login-choose-title = Wie möchten Sie bestätigen, dass Sie es sind?
login-choose-lead = Jedes Verfahren Ihres Kontos genügt.
login-otp-title = Geben Sie den Code Ihrer App ein

login-recovery-code-name = Wieder­herstellungs­code
login-recovery-code-hint = Der Code, den Sie sicher aufbewahrt haben. Er gilt einmal; Sie bekommen einen neuen.
login-recovery-code-title = Geben Sie Ihren Wiederherstellungs­code ein
login-recovery-code-lead = Er gilt einmal. Danach zeigen wir Ihnen einen neuen.
login-recovery-code-label = Wiederherstellungscode, 24 Buchstaben und Ziffern

login-phone-title = Code auf Ihr Handy
login-phone-lead = Wir schicken ihn an Ihre Nummer, die auf { $last4 } endet.
login-phone-sent-sms = Wir haben eine SMS an Ihre Nummer geschickt, die auf { $last4 } endet.
login-phone-sent-voice = Wir rufen Ihre Nummer an, die auf { $last4 } endet.
login-phone-send-sms = Code per SMS schicken
login-phone-send-voice = Code per Anruf durchgeben

login-push-start-title = Auf dem Handy bestätigen
login-push-start-lead = Wir fragen Ihr Handy. Diese Seite zeigt dann eine Zahl, die Sie dort eintippen.
login-push-begin = Mein Handy fragen
login-push-begin-again = Noch einmal fragen
login-push-asked-title = Tippen Sie diese Zahl auf dem Handy ein
login-push-asked-lead = Öffnen Sie die Seite auf Ihrem Handy, wenn es sich nicht meldet.
login-push-asked-lead-named = { $phone } fragt danach. Öffnen Sie die Seite auf Ihrem Handy, wenn es sich nicht meldet.
login-push-approved-title = Ihr Handy hat bestätigt
login-push-approved-lead = Hier geht es weiter.
login-push-denied-title = Auf dem Handy abgelehnt
login-push-denied-lead = Es wurde nichts geändert. Haben nicht Sie das begonnen, schließen Sie diese Seite und sagen Sie uns Bescheid.
login-push-wrong-number-title = Die Zahl war falsch
login-push-wrong-number-lead = Dreimal wurde eine falsche Zahl eingetippt. Es wurde nichts geändert.
login-push-over-title = Das hat zu lange gedauert
login-push-over-lead = Die Frage an Ihr Handy ist vorbei. Es ist nichts verloren.

login-webauthn-roaming-title = Benutzen Sie Ihren Sicherheitsschlüssel
login-webauthn-roaming-lead = Halten Sie ihn bereit. Ihr Browser bittet Sie, ihn einzustecken oder ans Handy zu halten und zu berühren.
login-webauthn-roaming-go = Meinen Schlüssel verwenden
login-webauthn-platform-title = Mit diesem Gerät bestätigen
login-webauthn-platform-lead = Gesicht, Fingerabdruck oder Bildschirmsperre genügen. Diese Daten verlassen das Gerät nie.
login-webauthn-platform-go = Bestätigen
login-webauthn-no-platform = Dieses Gerät bietet diesem Browser weder Gesicht noch Fingerabdruck noch Bildschirmsperre an. Bitte bestätigen Sie anders.
login-webauthn-dismissed = Es wurde abgebrochen oder hat zu lange gedauert. Bitte versuchen Sie es noch einmal oder bestätigen Sie anders.
login-webauthn-failed = Ihr Browser konnte das nicht. Bitte versuchen Sie es noch einmal oder bestätigen Sie anders.

error-login-code-wrong = Dieser Code stimmt nicht. Warten Sie auf den nächsten in Ihrer App; jeder gilt einmal.
error-login-recovery-code-wrong = Das ist nicht Ihr Wiederherstellungscode, oder er wurde schon benutzt.
error-login-recovery-code-missing = Geben Sie Ihren Wiederherstellungscode ein.
error-login-recovery-code-format = Ein Wiederherstellungscode hat 24 Buchstaben und Ziffern. Bitte prüfen Sie Ihre Eingabe.
error-login-webauthn-refused = Das hat nicht geklappt. Nehmen Sie einen Schlüssel oder ein Gerät dieses Kontos, oder bestätigen Sie anders.
error-login-webauthn-none = Kein Schlüssel und kein Gerät Ihres Kontos gilt auf dieser Seite. Bitte bestätigen Sie anders.
error-login-push-gone = Diese Antwort ist vorbei. Bitte fragen Sie Ihr Handy noch einmal.
error-login-push-too-many =
    Ihr Handy wurde zu oft gefragt, oder jemand hat abgelehnt. Bestätigen Sie anders, oder versuchen Sie es in { $minutes ->
        [one] einer Minute
       *[other] { $minutes } Minuten
    } wieder.
error-login-phone-ended = Zu viele falsche Codes. Bitte bestätigen Sie anders.
error-login-too-soon =
    Zu viele falsche Versuche. Bitte warten Sie { $minutes ->
        [one] eine Minute
       *[other] { $minutes } Minuten
    }.
