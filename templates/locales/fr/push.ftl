# Les mots du téléphone qui approuve : la page à côté de lui, et sa propre page.

push-start-title = Approuvez sur votre téléphone
push-start-lead = Le navigateur de votre téléphone devient votre clé. Il n’y a aucune application à installer.
push-start-one = Scannez un code avec votre téléphone.
push-start-two = Associez-le sur la page qui s’y ouvre.
push-start-three = Saisissez sur votre téléphone le nombre affiché sur cet écran.
push-begin = Afficher le code
push-begin-again = Recommencer
push-lost = Si vous perdez un jour le téléphone, servez-vous de votre code de récupération ou d’une autre méthode pour entrer.

push-waiting-title = Associez votre téléphone
push-waiting-lead = Le code est valable cinq minutes.
push-step-scan = Scannez ce code avec l’appareil photo de votre téléphone.
push-step-here = Vous lisez ceci sur le téléphone à utiliser ? Associez-le ici.
push-qr-label = Code QR qui ouvre la page sur votre téléphone. Le code à saisir se trouve à l’étape suivante.
push-this-device = Utiliser ce téléphone
push-step-code = Ou ouvrez { $page } sur votre téléphone et saisissez :
push-iphone = Sur un iPhone ou un iPad : ouvrez cette page, choisissez « Partager », puis « Sur l’écran d’accueil », et saisissez le code dans l’application qui apparaît.
push-step-number = Une fois votre téléphone associé, cette page affiche un nombre.
push-waits = Cette page avance toute seule.

push-asked-title = Saisissez ce nombre sur votre téléphone
push-asked-lead = Votre téléphone est associé et le demande.
push-asked-lead-named = { $phone } est associé et le demande.

push-approved-title = Votre téléphone a approuvé
push-approved-lead = Encore une étape et c’est enregistré.

push-denied-title = La demande a été refusée sur le téléphone
push-denied-lead = Rien n’a changé. Si c’était vous, par erreur, recommencez. Sinon, fermez cette page et prévenez-nous.

push-wrong-number-title = Le nombre ne correspondait pas
push-wrong-number-lead = Un nombre erroné a été saisi trois fois. Rien n’a changé.

push-over-title = Cela a pris trop de temps
push-over-lead = Le code n’est plus valable. Rien n’est perdu.

## La page du téléphone

authenticator-title = Votre téléphone est la clé
authenticator-lead = Approuvez ici les connexions. La clé ne quitte jamais ce téléphone.
authenticator-needs-script = Cette page a besoin de JavaScript. Veuillez l’activer, ou choisir une autre méthode.
authenticator-unable = Ce navigateur ne peut pas conserver de clé en sécurité. Ouvrez la page dans le navigateur habituel de votre téléphone, pas dans une fenêtre privée.
authenticator-install = Sur cet appareil, choisissez d’abord « Partager », puis « Sur l’écran d’accueil ». Ouvrez l’application qui apparaît et saisissez-y le code : cet onglet l’oublierait.
authenticator-code = Code de l’autre écran
authenticator-connect = Associer ce téléphone
authenticator-calls = Il se peut qu’on vous demande d’autoriser les notifications : votre téléphone sonne alors quand quelqu’un se connecte.
authenticator-accounts = Comptes associés
authenticator-watching = Quand vous vous connectez, ouvrez cette page et répondez ici.
authenticator-another = Associer un autre compte
authenticator-remove = Retirer
authenticator-sure = Le retirer de ce téléphone ? Vous ne pourrez plus approuver avec ce téléphone, mais votre compte l’indiquera encore : seuls les responsables du site peuvent l’y retirer. Gardez à portée de main votre code de récupération ou une autre méthode.
authenticator-connected = Associé. Saisissez maintenant le nombre affiché sur l’autre écran.
authenticator-unknown = Ce code n’est pas le bon, ou il est trop ancien. Regardez l’autre écran.
authenticator-taken = Un autre téléphone a été associé avec ce code. Si ce n’était pas le vôtre, appuyez sur « Recommencer » sur l’autre écran.
authenticator-throttled = Trop de codes erronés. Veuillez attendre quelques minutes.
authenticator-away = Le serveur est injoignable. Veuillez réessayer.
authenticator-prompt = Est-ce bien vous ?
authenticator-number = Nombre affiché sur l’autre écran
authenticator-approve = Approuver
authenticator-deny = Refuser
authenticator-not-me = Ce n’était pas moi
authenticator-approved = Approuvé. Continuez sur l’autre écran.
authenticator-denied = Refusé. Rien n’a changé.
authenticator-wrong-number = Ce n’est pas le bon nombre. Regardez l’autre écran.
authenticator-over = C’est déjà terminé.
authenticator-pending = pas terminé
authenticator-gone = n’est plus associé

## Ce que le téléphone affiche quand il est appelé

push-call-title = { $site }
push-call-text = Quelqu’un veut se connecter. Ouvrez pour répondre.
