# Les mots des pages. `$…` sont des valeurs que le serveur met en place.

language-name = Français

## Le cadre

frame-title = Protégez votre compte
frame-welcome-back = Bon retour, { $email }
frame-links = Aide et liens
frame-help = Besoin d’aide ?
frame-language = Langue
not-you = Ce compte n’est pas le vôtre ? Arrêtez-vous ici et fermez cette page.
support-contact = Contacter { $site }
steps-label = Étape { $current } sur { $total }

## Le talon du ticket

stub-kind = Ticket de configuration
stub-valid-until = valable jusqu’au { $date }
stub-used = utilisé
stub-expired = expiré
stub-replaced = remplacé
stub-revoked = retiré
stub-already-enrolled = plus nécessaire

## Boutons

confirm = Confirmer
continue = Continuer
copy = Copier
copied = Copié
copy-failed = Sélectionné : copiez avec votre clavier
download = Télécharger
print = Imprimer

## Choisir une méthode

choose-title = Bienvenue, choisissez comment protéger votre compte
choose-lead = Cela prend environ une minute. Vous vous en servirez ensuite à chaque connexion.
choose-strongest = La plus sûre
choose-otp-name = Application d’authentification
choose-otp-hint = Demande une application sur votre téléphone, qui affiche un nouveau code toutes les 30 secondes ; fonctionne sans réseau.
choose-phone-name = SMS ou appel
choose-phone-hint = Demande un numéro qui reçoit des SMS ou des appels. Mieux que rien, mais la méthode la moins sûre.
choose-push-notification-name = Approuver sur mon téléphone
choose-push-notification-hint = Demande un téléphone avec un navigateur ; aucune application à installer.
choose-webauthn-roaming-name = Clé de sécurité
choose-webauthn-roaming-hint = Demande une clé à brancher ou à approcher de votre téléphone.
choose-webauthn-platform-name = Clé d’accès sur cet appareil
choose-webauthn-platform-hint = Demande le visage, l’empreinte digitale ou le verrouillage de l’écran de cet appareil.
choose-another-title = Ajouter une autre méthode
choose-another-lead = Ce que vous avez ajouté protège déjà votre compte. Une autre méthode vous aidera si l’une n’est pas à portée de main.
choose-device-can = Cet appareil en est capable
choose-device-cannot = Cet appareil n’en est pas capable
choose-browser-cannot = Ce navigateur n’en est pas capable
choose-recovery-code-name = Code de récupération

## Application d’authentification

otp-title = Associez votre application d’authentification
otp-lead = Toute application d’authentification convient, par exemple celle que vous utilisez déjà.
otp-step-scan = Scannez ce code avec votre application.
otp-qr-label = Code QR contenant votre clé de configuration. La même clé est écrite en toutes lettres à l’étape suivante.
otp-open-app = Ouvrir dans mon application d’authentification
otp-step-key = Impossible de scanner ? Saisissez plutôt cette clé dans l’application.
otp-step-code = Saisissez les 6 chiffres affichés par votre application
otp-other = Utiliser autre chose

## Code de récupération

recovery-code-title = Conservez ce code de récupération
recovery-code-lead = Il vous permet d’entrer une seule fois si vous perdez votre appareil. Après cette page, nous ne pourrons plus l’afficher.
recovery-code-fresh-lead = Celui que vous venez de saisir est épuisé ; celui-ci prend sa place. Après cette page, nous ne pourrons plus l’afficher.
recovery-code-label = Votre code de récupération
recovery-code-paper-site = Pour
recovery-code-paper-account = Compte
recovery-code-paper-date = Émis le
recovery-code-saved = J’ai conservé ce code en lieu sûr

## Terminé

done-otp-title = C’est fait, votre application est associée
done-otp-text = Lors de votre prochaine connexion, nous vous demanderons un code de votre application.
done-phone-title = C’est fait, votre numéro est confirmé
done-phone-text = Lors de votre prochaine connexion, nous enverrons un code à votre numéro.
done-push-notification-title = C’est fait, votre téléphone est associé
done-push-notification-text = Lors de votre prochaine connexion, nous vous demanderons de l’approuver sur votre téléphone.
done-webauthn-roaming-title = C’est fait, votre clé de sécurité est prête
done-webauthn-roaming-text = Lors de votre prochaine connexion, nous vous demanderons votre clé.
done-webauthn-platform-title = C’est fait, votre clé d’accès est prête
done-webauthn-platform-text = Lors de votre prochaine connexion, utilisez votre visage, votre empreinte digitale ou le verrouillage de l’écran.
done-added = ajoutée
done-add-another = Ajouter une autre méthode
done-finish = Terminer
done-continue = Continuer vers { $host }
done-or-stop = Ou arrêtez-vous ici : votre compte est déjà protégé.
done-close = C’est tout. Vous pouvez fermer cette page.

## Quand un formulaire demande une correction

error-code-missing = Saisissez les 6 chiffres que votre application affiche en ce moment.
error-code-format = Le code comporte 6 chiffres, rien d’autre. Veuillez le vérifier.
error-code-wrong = Ce code n’est pas le bon. Attendez le prochain dans votre application et saisissez-le ici.
error-code-clock =
    L’horloge de votre téléphone semble décalée d’environ { $minutes ->
        [one] une minute
       *[other] { $minutes } minutes
    }. Activez la date et l’heure automatiques sur votre téléphone, puis saisissez un nouveau code.
error-code-algorithm = Votre application produit des codes d’un autre type. Supprimez ce compte de l’application et scannez de nouveau le code ci-dessus ; si cela ne suffit pas, essayez une autre application.
error-code-digits = Votre application est réglée sur un autre nombre de chiffres. Supprimez ce compte de l’application et scannez de nouveau le code ci-dessus.
error-code-older-qr = Ce code correspond à un code QR précédent. Supprimez l’ancienne entrée de votre application et scannez le code ci-dessus.
error-code-used = Ce code a déjà servi. Attendez le prochain dans votre application.
error-too-many-failures =
    Trop de codes erronés. Veuillez réessayer dans { $minutes ->
        [one] une minute
       *[other] { $minutes } minutes
    }.
error-link-blocked = Trop de codes erronés : ce lien n’en accepte plus. Demandez-en un nouveau à l’expéditeur.
error-saved-missing = Cochez la case une fois le code conservé. Vous en aurez besoin si vous perdez votre appareil.
error-factor-missing = Choisissez l’une des méthodes ci-dessous.

## Quand un lien ou une page ne peut pas continuer

result-was-valid-until = Il était valable jusqu’au { $date }.
result-retry-after =
    Vous pourrez réessayer dans { $minutes ->
        [one] une minute
       *[other] { $minutes } minutes
    }.
result-reference = Référence :

result-invalid-title = Ce lien n’est pas valable
result-invalid-text = Il a peut-être été tronqué en route. Ouvrez-le de nouveau depuis l’e-mail, ou copiez l’adresse entière. Si cela ne suffit pas, demandez-en un nouveau à l’expéditeur.
result-expired-title = Ce lien a expiré
result-expired-text = Demandez-en un nouveau à l’expéditeur ; rien n’a changé sur votre compte.
result-used-title = Ce lien a déjà servi
result-used-text = Chaque lien fonctionne une seule fois. Si c’était vous, il ne reste rien à faire. Sinon, prévenez-nous immédiatement.
result-replaced-title = Il existe un e-mail plus récent
result-replaced-text = Ce lien a été remplacé par celui d’un e-mail plus récent. Cherchez le dernier e-mail et ouvrez le lien qu’il contient.
result-revoked-title = Ce lien a été retiré
result-revoked-text = L’expéditeur l’a repris ; rien n’a changé sur votre compte. Adressez-vous à lui si vous en avez encore besoin.
result-already-enrolled-title = Votre compte est déjà protégé
result-already-enrolled-text = Une méthode de connexion y est déjà configurée : ce lien n’a donc plus rien à faire. Pour la modifier, veuillez nous contacter.
result-throttled-title = Faisons une courte pause
result-throttled-text = Il y a eu trop de tentatives en peu de temps. Rien n’est perdu.
result-no-method-title = Rien ne peut encore être configuré
result-no-method-text = Les méthodes prévues par ce lien ne sont pas disponibles ici pour le moment. Votre lien reste valable ; veuillez nous contacter.
result-other-link-title = Vous avez ouvert un autre lien
result-other-link-text = Cette page correspond à un lien plus ancien. Continuez dans la dernière fenêtre ouverte, ou ouvrez de nouveau le lien de votre e-mail.
result-open-again-title = Ouvrez de nouveau le lien de votre e-mail
result-open-again-text = Cette page ne fonctionne que dans le navigateur qui a ouvert le lien. Si c’était celui-ci, autorisez d’abord les cookies pour ce site.
result-login-over-title = Cette connexion est terminée
result-login-over-text = Elle a abouti, ou elle a pris trop de temps. Retournez d’où vous venez et connectez-vous de nouveau.
result-session-ended-title = Le temps prévu pour cette page est écoulé
result-session-ended-text = Pour la sécurité de votre compte, nous avons mis fin à cette visite. Ouvrez de nouveau le lien de votre e-mail pour continuer.
result-forbidden-title = Nous n’avons pas pu accepter ce formulaire
result-forbidden-text = Il ne vient pas d’une page encore actuelle. Ouvrez de nouveau le lien de votre e-mail et réessayez.
result-not-found-title = Il n’y a rien ici
result-not-found-text = L’adresse est incomplète ou erronée. Ouvrez de nouveau le lien de votre e-mail.
result-too-large-title = C’était trop
result-too-large-text = Le formulaire a envoyé plus que ce que cette page attend. Veuillez revenir en arrière et réessayer.
result-bad-request-title = Nous n’avons pas compris
result-bad-request-text = Quelque chose dans la demande n’était pas comme prévu. Veuillez revenir en arrière et réessayer, ou ouvrir de nouveau le lien de votre e-mail.
result-method-title = Cela ne fonctionne pas ici
result-method-text = Cette page ne peut pas être utilisée ainsi. Ouvrez de nouveau le lien de votre e-mail.
result-misdirected-title = Cette page a une autre adresse
result-misdirected-text = Ouvrez de nouveau le lien de votre e-mail : il mène à la bonne.
result-error-title = Un problème est survenu de notre côté
result-error-text = Vous n’y êtes pour rien. Veuillez réessayer dans un instant ; si cela se reproduit, indiquez-nous la référence ci-dessous.
result-unavailable-title = Nous revenons tout de suite
result-unavailable-text = Quelque chose dont nous avons besoin est momentanément hors d’atteinte. Rien n’est perdu ; veuillez réessayer bientôt.
