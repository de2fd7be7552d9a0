# Die Wörter der Seiten. `$…` sind Werte, die der Server einsetzt.

language-name = Deutsch

## Der Rahmen

frame-title = Konto schützen
frame-welcome-back = Willkommen zurück, { $email }
frame-links = Hilfe und Links
frame-help = Brauchen Sie Hilfe?
frame-language = Sprache
not-you = Das ist nicht Ihr Konto? Dann hören Sie hier auf und schließen Sie diese Seite.
support-contact = Kontakt zu { $site }
steps-label = Schritt { $current } von { $total }

## Der Abschnitt des Tickets

stub-kind = Einrichtungsticket
stub-valid-until = gültig bis { $date }
stub-used = eingelöst
stub-expired = abgelaufen
stub-replaced = ersetzt
stub-revoked = zurückgezogen
stub-already-enrolled = nicht mehr nötig

## Knöpfe

confirm = Bestätigen
continue = Weiter
copy = Kopieren
copied = Kopiert
copy-failed = Markiert: bitte mit der Tastatur kopieren
download = Speichern
print = Drucken

## Verfahren auswählen

choose-title = Willkommen! Wie möchten Sie Ihr Konto schützen?
choose-lead = Das dauert etwa eine Minute. Danach nutzen Sie es bei jeder Anmeldung.
choose-strongest = Am sichersten
choose-otp-name = Authenticator-App
choose-otp-hint = Braucht eine App auf Ihrem Handy, die alle 30 Sekunden einen neuen Code zeigt; geht auch ohne Netz.
choose-phone-name = SMS oder Anruf
choose-phone-hint = Braucht eine Nummer für SMS oder Anrufe. Besser als nichts, aber am schwächsten.
choose-push-notification-name = Auf dem Handy bestätigen
choose-push-notification-hint = Braucht ein Handy mit Browser; eine App aus einem Store ist nicht nötig.
choose-webauthn-roaming-name = Sicherheits­schlüssel
choose-webauthn-roaming-hint = Braucht einen Schlüssel zum Einstecken oder Ans-Handy-Halten.
choose-webauthn-platform-name = Passkey auf diesem Gerät
choose-webauthn-platform-hint = Braucht Gesicht, Fingerabdruck oder Bildschirmsperre dieses Geräts.
choose-another-title = Weiteres Verfahren hinzufügen
choose-another-lead = Was Sie hinzugefügt haben, schützt Ihr Konto bereits. Ein weiteres hilft, wenn eines nicht zur Hand ist.
choose-device-can = Dieses Gerät kann das
choose-device-cannot = Dieses Gerät kann das nicht
choose-browser-cannot = Dieser Browser kann das nicht
choose-recovery-code-name = Wieder­herstellungs­code

## Authenticator-App

otp-title = Verbinden Sie Ihre Authenticator-App
otp-lead = Jede Authenticator-App ist geeignet, auch die, die Sie schon nutzen.
otp-step-scan = Scannen Sie diesen Code mit Ihrer App.
otp-qr-label = QR-Code mit Ihrem Schlüssel. Derselbe Schlüssel steht ausgeschrieben im nächsten Schritt.
otp-open-app = In meiner Authenticator-App öffnen
otp-step-key = Scannen geht nicht? Dann geben Sie diesen Schlüssel in die App ein.
otp-step-code = Geben Sie die 6 Ziffern aus Ihrer App ein
otp-other = Etwas anderes verwenden

## Wiederherstellungscode

recovery-code-title = Bewahren Sie diesen Code gut auf
recovery-code-lead = Mit diesem Wiederherstellungscode kommen Sie einmal in Ihr Konto, falls Sie Ihr Gerät verlieren. Nach dieser Seite können wir ihn nicht mehr zeigen.
recovery-code-fresh-lead = Der eingegebene Code ist verbraucht; dieser tritt an seine Stelle. Nach dieser Seite können wir ihn nicht mehr zeigen.
recovery-code-label = Ihr Wiederherstellungscode
recovery-code-paper-site = Für
recovery-code-paper-account = Konto
recovery-code-paper-date = Ausgestellt
recovery-code-saved = Ich habe den Code sicher aufbewahrt

## Geschafft

done-otp-title = Geschafft, Ihre App ist verbunden
done-otp-text = Bei der nächsten Anmeldung fragen wir nach einem Code aus Ihrer App.
done-phone-title = Geschafft, Ihre Nummer ist bestätigt
done-phone-text = Bei der nächsten Anmeldung senden wir einen Code an Ihre Nummer.
done-push-notification-title = Geschafft, Ihr Handy ist verbunden
done-push-notification-text = Die nächste Anmeldung bestätigen Sie auf Ihrem Handy.
done-webauthn-roaming-title = Geschafft, Ihr Sicherheitsschlüssel ist bereit
done-webauthn-roaming-text = Bei der nächsten Anmeldung fragen wir nach Ihrem Schlüssel.
done-webauthn-platform-title = Geschafft, Ihr Passkey ist bereit
done-webauthn-platform-text = Bei der nächsten Anmeldung genügen Gesicht, Fingerabdruck oder Bildschirmsperre.
done-added = hinzugefügt
done-add-another = Weiteres Verfahren hinzufügen
done-finish = Fertig
done-continue = Weiter zu { $host }
done-or-stop = Oder hören Sie hier auf: Ihr Konto ist bereits geschützt.
done-close = Das war alles. Sie können diese Seite schließen.

## Wenn ein Formular noch etwas braucht

error-code-missing = Geben Sie die 6 Ziffern ein, die Ihre App jetzt zeigt.
error-code-format = Der Code besteht aus genau 6 Ziffern. Bitte prüfen Sie Ihre Eingabe.
error-code-wrong = Dieser Code stimmt nicht. Warten Sie auf den nächsten in Ihrer App und geben Sie ihn hier ein.
error-code-clock =
    Die Uhr Ihres Handys geht anscheinend um etwa { $minutes ->
        [one] eine Minute
       *[other] { $minutes } Minuten
    } falsch. Stellen Sie Datum und Uhrzeit dort auf automatisch und geben Sie dann einen neuen Code ein.
error-code-algorithm = Ihre App erzeugt andersartige Codes. Löschen Sie dieses Konto in der App und scannen Sie den Code oben noch einmal; hilft das nicht, versuchen Sie es mit einer anderen App.
error-code-digits = Ihre App ist auf eine andere Zahl von Ziffern eingestellt. Löschen Sie dieses Konto in der App und scannen Sie den Code oben noch einmal.
error-code-older-qr = Dieser Code gehört zu einem früheren QR-Code. Löschen Sie den älteren Eintrag in Ihrer App und scannen Sie den Code oben.
error-code-used = Dieser Code wurde schon verwendet. Warten Sie auf den nächsten in Ihrer App.
error-too-many-failures =
    Zu viele falsche Codes. Bitte versuchen Sie es in { $minutes ->
        [one] einer Minute
       *[other] { $minutes } Minuten
    } noch einmal.
error-link-blocked = Zu viele falsche Codes: Dieser Link nimmt keine weiteren an. Bitten Sie den Absender um einen neuen.
error-saved-missing = Setzen Sie das Häkchen, sobald Sie den Code aufbewahrt haben. Sie brauchen ihn, falls Sie Ihr Gerät verlieren.
error-factor-missing = Wählen Sie eines der Verfahren aus.

## Wenn es mit einem Link oder einer Seite nicht weitergeht

result-was-valid-until = Er war bis { $date } gültig.
result-retry-after =
    In { $minutes ->
        [one] einer Minute
       *[other] { $minutes } Minuten
    } können Sie es noch einmal versuchen.
result-reference = Referenz:

result-invalid-title = Dieser Link ist ungültig
result-invalid-text = Vielleicht wurde er unterwegs abgeschnitten. Öffnen Sie ihn noch einmal aus der E-Mail oder kopieren Sie die ganze Adresse. Hilft das nicht, bitten Sie den Absender um einen neuen.
result-expired-title = Dieser Link ist abgelaufen
result-expired-text = Bitten Sie den Absender um einen neuen; an Ihrem Konto hat sich nichts geändert.
result-used-title = Dieser Link wurde schon verwendet
result-used-text = Jeder Link gilt nur einmal. Waren Sie es selbst, ist nichts mehr zu tun. Wenn nicht, melden Sie sich bitte sofort bei uns.
result-replaced-title = Es gibt eine neuere E-Mail
result-replaced-text = Dieser Link wurde durch einen neuen ersetzt. Suchen Sie die neueste E-Mail und öffnen Sie den Link darin.
result-revoked-title = Dieser Link wurde zurückgezogen
result-revoked-text = Der Absender hat ihn zurückgenommen; an Ihrem Konto hat sich nichts geändert. Fragen Sie dort nach, falls Sie noch einen brauchen.
result-already-enrolled-title = Ihr Konto ist bereits geschützt
result-already-enrolled-text = Ein Anmeldeverfahren ist schon eingerichtet, dieser Link hat daher nichts mehr zu tun. Möchten Sie es ändern, melden Sie sich bitte bei uns.
result-throttled-title = Machen wir eine kurze Pause
result-throttled-text = Das waren zu viele Versuche in kurzer Zeit. Es ist nichts verloren.
result-no-method-title = Noch kann nichts eingerichtet werden
result-no-method-text = Die Verfahren, die dieser Link vorsieht, stehen hier im Moment nicht bereit. Ihr Link bleibt gültig; bitte melden Sie sich bei uns.
result-other-link-title = Sie haben einen anderen Link geöffnet
result-other-link-text = Diese Seite gehört zu einem älteren Link. Machen Sie im zuletzt geöffneten Fenster weiter oder öffnen Sie den Link in Ihrer E-Mail noch einmal.
result-open-again-title = Öffnen Sie den Link in Ihrer E-Mail noch einmal
result-open-again-text = Diese Seite funktioniert nur in dem Browser, der den Link geöffnet hat. War es dieser, erlauben Sie bitte zuerst Cookies für diese Website.
result-login-over-title = Diese Anmeldung ist vorbei
result-login-over-text = Sie wurde abgeschlossen oder hat zu lange gedauert. Gehen Sie dorthin zurück, woher Sie kamen, und melden Sie sich noch einmal an.
result-session-ended-title = Die Zeit für diese Seite ist um
result-session-ended-text = Zum Schutz Ihres Kontos haben wir diesen Besuch beendet. Öffnen Sie den Link in Ihrer E-Mail noch einmal, um weiterzumachen.
result-forbidden-title = Dieses Formular konnten wir nicht annehmen
result-forbidden-text = Es kam nicht von einer aktuellen Seite. Öffnen Sie den Link in Ihrer E-Mail noch einmal und versuchen Sie es erneut.
result-not-found-title = Hier gibt es nichts
result-not-found-text = Die Adresse ist unvollständig oder falsch. Öffnen Sie den Link in Ihrer E-Mail noch einmal.
result-too-large-title = Das war zu viel
result-too-large-text = Das Formular hat mehr gesendet, als diese Seite erwartet. Bitte gehen Sie zurück und versuchen Sie es noch einmal.
result-bad-request-title = Das haben wir nicht verstanden
result-bad-request-text = Etwas an der Anfrage war nicht so, wie es sein sollte. Bitte gehen Sie zurück und versuchen Sie es noch einmal oder öffnen Sie den Link in Ihrer E-Mail erneut.
result-method-title = So geht das hier nicht
result-method-text = Diese Seite lässt sich so nicht benutzen. Öffnen Sie den Link in Ihrer E-Mail noch einmal.
result-misdirected-title = Diese Seite hat eine andere Adresse
result-misdirected-text = Öffnen Sie den Link in Ihrer E-Mail noch einmal: Er führt zur richtigen.
result-error-title = Bei uns ist etwas schiefgegangen
result-error-text = Es lag nicht an Ihnen. Bitte versuchen Sie es gleich noch einmal; passiert es wieder, nennen Sie uns bitte die Referenz unten.
result-unavailable-title = Wir sind gleich wieder da
result-unavailable-text = Etwas, das wir brauchen, ist gerade nicht erreichbar. Es ist nichts verloren; bitte versuchen Sie es in Kürze noch einmal.
