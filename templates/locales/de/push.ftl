# Wörter zum Handy, das bestätigt: die Seite daneben und die eigene Seite des Handys.

push-start-title = Mit dem Handy bestätigen
push-start-lead = Der Browser Ihres Handys wird Ihr Schlüssel. Sie brauchen keine App.
push-start-one = Scannen Sie einen Code mit dem Handy.
push-start-two = Verbinden Sie das Handy auf der Seite, die sich dort öffnet.
push-start-three = Tippen Sie die Zahl von diesem Bildschirm auf dem Handy ein.
push-begin = Code anzeigen
push-begin-again = Neu beginnen
push-lost = Wenn Sie das Handy verlieren, hilft Ihnen Ihr Wiederherstellungscode oder ein anderes Verfahren.

push-waiting-title = Verbinden Sie Ihr Handy
push-waiting-lead = Der Code gilt fünf Minuten.
push-step-scan = Scannen Sie diesen Code mit der Kamera Ihres Handys.
push-step-here = Lesen Sie das auf dem Handy, das Sie nehmen wollen? Verbinden Sie es hier.
push-qr-label = QR-Code, der die Seite auf Ihrem Handy öffnet. Der Code zum Eintippen steht im nächsten Schritt.
push-this-device = Dieses Handy nehmen
push-step-code = Oder öffnen Sie auf dem Handy { $page } und tippen Sie ein:
push-iphone = Auf iPhone oder iPad: Öffnen Sie diese Seite, wählen Sie „Teilen“, dann „Zum Home-Bildschirm“, und tippen Sie den Code in der App ein, die dort erscheint.
push-step-number = Sobald das Handy verbunden ist, zeigt diese Seite eine Zahl.
push-waits = Diese Seite geht von selbst weiter.

push-asked-title = Tippen Sie diese Zahl auf dem Handy ein
push-asked-lead = Ihr Handy ist verbunden und fragt danach.
push-asked-lead-named = { $phone } ist verbunden und fragt danach.

push-approved-title = Ihr Handy hat bestätigt
push-approved-lead = Noch ein Schritt, dann ist es gespeichert.

push-denied-title = Auf dem Handy abgelehnt
push-denied-lead = Es wurde nichts geändert. War das ein Versehen, beginnen Sie neu. Waren Sie das nicht, schließen Sie diese Seite und sagen Sie uns Bescheid.

push-wrong-number-title = Die Zahl stimmte nicht
push-wrong-number-lead = Dreimal wurde eine falsche Zahl eingetippt. Es wurde nichts geändert.

push-over-title = Das hat zu lange gedauert
push-over-lead = Der Code gilt nicht mehr. Es ist nichts verloren.

## Die Seite des Handys

authenticator-title = Ihr Handy ist der Schlüssel
authenticator-lead = Hier bestätigen Sie Anmeldungen. Der Schlüssel verlässt dieses Handy nie.
authenticator-needs-script = Diese Seite braucht JavaScript. Bitte schalten Sie es ein oder wählen Sie ein anderes Verfahren.
authenticator-unable = Dieser Browser kann keinen Schlüssel sicher aufbewahren. Öffnen Sie die Seite im Browser Ihres Handys, nicht in einem privaten Fenster.
authenticator-install = Wählen Sie auf diesem Gerät zuerst „Teilen“, dann „Zum Home-Bildschirm“. Öffnen Sie die App, die dort erscheint, und tippen Sie den Code dort ein: dieser Tab würde ihn vergessen.
authenticator-code = Code vom anderen Bildschirm
authenticator-connect = Dieses Handy verbinden
authenticator-calls = Sie werden vielleicht gefragt, ob Mitteilungen erlaubt sind: dann meldet sich Ihr Handy, wenn sich jemand anmeldet.
authenticator-accounts = Verbundene Konten
authenticator-watching = Wenn Sie sich anmelden, öffnen Sie diese Seite und antworten hier.
authenticator-another = Weiteres Konto verbinden
authenticator-remove = Entfernen
authenticator-sure = Von diesem Handy entfernen? Dann können Sie mit ihm nichts mehr bestätigen, Ihr Konto führt es aber weiterhin: Dort kann es nur der Betreiber der Seite entfernen. Halten Sie Ihren Wiederherstellungscode oder ein anderes Verfahren bereit.
authenticator-connected = Verbunden. Tippen Sie jetzt die Zahl vom anderen Bildschirm ein.
authenticator-unknown = Der Code stimmt nicht oder ist zu alt. Schauen Sie auf den anderen Bildschirm.
authenticator-taken = Mit diesem Code wurde ein anderes Handy verbunden. War es nicht Ihres, drücken Sie am anderen Bildschirm „Neu beginnen“.
authenticator-throttled = Zu viele falsche Codes. Bitte warten Sie ein paar Minuten.
authenticator-away = Der Server ist nicht erreichbar. Bitte versuchen Sie es noch einmal.
authenticator-prompt = Sind Sie das?
authenticator-number = Zahl auf dem anderen Bildschirm
authenticator-approve = Bestätigen
authenticator-deny = Ablehnen
authenticator-not-me = Das war ich nicht
authenticator-approved = Bestätigt. Weiter geht es am anderen Bildschirm.
authenticator-denied = Abgelehnt. Es wurde nichts geändert.
authenticator-wrong-number = Das ist nicht die Zahl. Schauen Sie auf den anderen Bildschirm.
authenticator-over = Das ist schon vorbei.
authenticator-pending = noch nicht fertig
authenticator-gone = nicht mehr verbunden

## Was das Handy zeigt, wenn es gerufen wird

push-call-title = { $site }
push-call-text = Jemand möchte sich anmelden. Zum Antworten öffnen.

