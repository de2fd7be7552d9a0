# Die Wörter der E-Mails zum Wiederherstellungscode. Ein Betreff bleibt in einer Zeile.

mail-recovery-code-used-subject = { $site }: Ihr Wiederherstellungscode wurde benutzt
mail-recovery-code-used-kind = Ihr Konto
mail-recovery-code-used-title = Ihr Wiederherstellungscode wurde benutzt
mail-recovery-code-used-what = Am { $date } hat sich jemand mit Ihrem Wiederherstellungscode bei { $site } angemeldet. Dieser Code ist verbraucht; dabei wurde ein neuer angezeigt.
mail-recovery-code-used-you = Waren Sie das, legen Sie den neuen Code dorthin, wo der alte lag. Mehr ist nicht zu tun.
mail-recovery-code-used-not-you = Waren Sie das nicht, hat vielleicht jemand Ihren Code und Zugang zu Ihrem Konto. Melden Sie sich bitte sofort bei { $site }.

mail-recovery-code-replaced-subject = { $site }: Sie haben einen neuen Wiederherstellungscode
mail-recovery-code-replaced-kind = Ihr Konto
mail-recovery-code-replaced-title = Ihr Wiederherstellungscode wurde ersetzt
mail-recovery-code-replaced-what = { $site } hat am { $date } einen neuen Wiederherstellungscode für Ihr Konto erstellt. Ihr bisheriger Code gilt nicht mehr.
mail-recovery-code-replaced-you = Haben Sie darum gebeten, bewahren Sie den neuen Code gut auf und werfen Sie den alten weg.
mail-recovery-code-replaced-not-you = Haben Sie nicht darum gebeten und hat Ihnen niemand davon erzählt, melden Sie sich bitte bei { $site }.
