# Worte des Telefons: seine Seiten, und was ihm gesendet wird. Nachrichten bleiben bei Buchstaben, die in eine SMS passen.

phone-title = Fügen Sie Ihre Telefonnummer hinzu
phone-lead = Wir senden einen Code dorthin, jetzt und beim Anmelden.
phone-country = Land
phone-country-choose = Land auswählen
phone-number = Telefonnummer
phone-channel = Wie soll der Code zu Ihnen kommen?
phone-by-sms = SMS
phone-by-voice = Anruf
phone-send = Code senden
phone-weaker = Gut zu wissen: Ein Passkey oder eine Authenticator-App ist sicherer als eine Telefonnummer, die andere übernehmen können.

phone-code-title = Geben Sie den Code ein
phone-code-lead-sms = Wir haben eine SMS gesendet an
phone-code-lead-voice = Wir rufen an unter
phone-edit = Nummer ändern
phone-code-label = Geben Sie die 6 Ziffern des Codes ein
phone-no-code = Noch kein Code?
phone-again-sms = Neuen Code senden
phone-again-voice = Nochmals anrufen
phone-rather-sms = SMS senden
phone-rather-voice = Lieber anrufen
phone-wait =
    Einen weiteren Code gibt es in { $seconds ->
        [one] einer Sekunde
       *[other] { $seconds } Sekunden
    }. Der gesendete gilt 10 Minuten; ein neuer ersetzt ihn.

# While it counts down, as 0:42.
phone-wait-left = Einen weiteren Code gibt es in { $left }.
phone-wait-over = Jetzt gibt es einen weiteren Code.

phone-wait-minutes =
    Einen weiteren Code gibt es in { $minutes ->
        [one] einer Minute
       *[other] { $minutes } Minuten
    }. Der gesendete gilt 10 Minuten; ein neuer ersetzt ihn.

## Wenn ein Formular noch einen Blick braucht

error-number-missing = Geben Sie Ihre Telefonnummer ein.
error-number-format = Das sieht nicht wie eine Telefonnummer aus. Nur Ziffern, bitte, ohne Durchwahl.
error-number-country = Wählen Sie Ihr Land aus der Liste. In andere Länder können wir keine Codes senden.
error-number-invalid = Eine solche Nummer gibt es in diesem Land nicht. Bitte prüfen Sie die Ziffern.
error-number-kind = An diese Art von Nummer können wir keine Codes senden. Bitte nehmen Sie die eines Mobiltelefons.
error-number-landline = Das ist ein Festnetzanschluss, der keine SMS empfängt. Bitte nehmen Sie die Nummer eines Mobiltelefons.
error-number-landline-call = Das ist ein Festnetzanschluss, der keine SMS empfängt. Wählen Sie einen Anruf, oder nehmen Sie die Nummer eines Mobiltelefons.
error-phone-code-missing = Geben Sie die 6 Ziffern des Codes ein, den wir gesendet haben.
error-phone-code-wrong = Dieser Code stimmt nicht. Sehen Sie in die neueste Nachricht; nur ihr Code gilt.
error-phone-code-ended = Dieser Code ist zu alt. Geben Sie Ihre Nummer noch einmal ein, dann senden wir einen neuen.
error-phone-too-soon-seconds =
    Der letzte Code ist vielleicht noch unterwegs. Einen weiteren gibt es in { $seconds ->
        [one] einer Sekunde
       *[other] { $seconds } Sekunden
    }.
error-phone-too-soon =
    Der letzte Code ist vielleicht noch unterwegs. Einen weiteren gibt es in { $minutes ->
        [one] einer Minute
       *[other] { $minutes } Minuten
    }.
error-phone-too-often =
    Wir haben zu viele Codes gesendet. Bitte versuchen Sie es in { $minutes ->
        [one] einer Minute
       *[other] { $minutes } Minuten
    } wieder, oder nehmen Sie eine andere Methode.
error-phone-unreachable = An diese Nummer können wir gerade keine Codes senden. Bitte nehmen Sie eine andere Methode, oder versuchen Sie es in einer Stunde wieder.

## Nachrichten

sms-enrollment = ist Ihr Code, um dieses Telefon bei { $site } hinzuzufügen. Nie weitergeben.
sms-verification = ist Ihr Code zum Anmelden bei { $site }. Nie weitergeben.
voice-enrollment = Guten Tag. Hier ist { $site } mit Ihrem Code, um dieses Telefon hinzuzufügen.
voice-verification = Guten Tag. Hier ist { $site } mit Ihrem Code zum Anmelden.
voice-code = Ihr Code lautet: { $code }
voice-again = Noch einmal, Ihr Code lautet: { $code }
voice-end = Geben Sie ihn nie weiter. Auf Wiederhören.
