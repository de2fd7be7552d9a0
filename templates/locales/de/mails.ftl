# Die Wörter der E-Mails. Ein Betreff bleibt in einer Zeile.

mail-account = Konto: { $account }
mail-automatic = Diese E-Mail hat { $site } automatisch gesendet. Bitte antworten Sie nicht darauf.

mail-enrollment-subject = { $site }: Schützen Sie Ihr Konto
mail-enrollment-title = Ein zweiter Schritt für Ihre Anmeldung
mail-enrollment-who = { $site } bittet Sie, Ihr Konto zu schützen.
mail-enrollment-what = Sie richten einen zweiten Schritt ein, zum Beispiel eine App auf Ihrem Handy. Mit einem gestohlenen Passwort allein kommt dann niemand mehr hinein. Das dauert etwa eine Minute.
mail-enrollment-asked-by = Angefordert wurde diese Mail von „{ $client }“.
mail-enrollment-open = Mein Konto schützen
mail-enrollment-once = Der Link gilt einmal und nur bis { $date }. Bitte leiten Sie diese E-Mail nicht weiter: Der Link ist nur für Sie bestimmt.
mail-enrollment-address = Wenn der Knopf nicht reagiert, kopieren Sie diese Adresse in Ihren Browser:
mail-enrollment-not-you = Haben Sie das nicht erwartet? Dann öffnen Sie den Link nicht: Ohne ihn ändert sich nichts. Bitte sagen Sie { $site } wegen dieser E-Mail Bescheid.

mail-factor-added-subject = { $site }: Neues Anmeldeverfahren für Ihr Konto
mail-factor-added-kind = Ihr Konto
mail-factor-added-title = Ein Anmeldeverfahren wurde hinzugefügt
mail-factor-added-what = Hinzugefügt zu Ihrem Konto bei { $site } am { $date }: { $factor }.
mail-factor-added-you = Waren Sie das, ist alles in Ordnung und nichts weiter zu tun.
mail-factor-added-not-you = Waren Sie das nicht, hat vielleicht jemand Zugang zu Ihrer E-Mail oder Ihrem Konto. Melden Sie sich bitte sofort bei { $site }.
