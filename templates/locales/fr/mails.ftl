# Les mots des e-mails. Un objet tient sur une ligne.

mail-account = Compte : { $account }
mail-automatic = { $site } a envoyé cet e-mail automatiquement. Merci de ne pas y répondre.

mail-enrollment-subject = { $site } : protégez votre compte
mail-enrollment-title = Ajoutez une seconde étape à votre connexion
mail-enrollment-who = { $site } vous demande de protéger votre compte.
mail-enrollment-what = Vous configurez une seconde étape, par exemple une application sur votre téléphone, afin qu’un mot de passe volé ne suffise à personne pour entrer. Cela prend environ une minute.
mail-enrollment-asked-by = Cet e-mail a été demandé par « { $client } ».
mail-enrollment-open = Protéger mon compte
mail-enrollment-once = Le lien fonctionne une seule fois, jusqu’au { $date }. Merci de ne pas transférer cet e-mail : ce lien vous est strictement réservé.
mail-enrollment-address = Si le bouton ne réagit pas, copiez cette adresse dans votre navigateur :
mail-enrollment-not-you = Vous ne vous y attendiez pas ? N’ouvrez pas le lien : sans lui, rien ne change. Veuillez signaler cet e-mail à { $site }.

mail-factor-added-subject = { $site } : une méthode de connexion a été ajoutée à votre compte
mail-factor-added-kind = Votre compte
mail-factor-added-title = Une méthode de connexion a été ajoutée
mail-factor-added-what = Ajoutée à votre compte sur { $site } le { $date } : { $factor }.
mail-factor-added-you = Si c’était vous, tout va bien et il ne reste rien à faire.
mail-factor-added-not-you = Si ce n’était pas vous, quelqu’un a peut-être accès à votre messagerie ou à votre compte. Contactez { $site } immédiatement.
