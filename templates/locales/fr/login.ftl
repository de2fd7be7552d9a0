# Les mots des pages sur lesquelles une personne prouve une méthode qu’elle possède.

login-lead = Avant d’ajouter une autre méthode, montrez que c’est bien vous.
login-lead-application = { $application } demande une seconde preuve. Montrez que c’est bien vous.
login-cancel = Annuler et revenir à { $application }
login-remember = Ne plus demander dans ce navigateur pendant { $days } jours
login-not-you = Ce n’est pas moi
login-stopped-title = La connexion est verrouillée pour l’instant
login-stopped-text = Il y a eu trop d’essais erronés. Pour la sécurité de votre compte, rien n’est accepté avant le { $until }. Si vous ne pouvez pas attendre, contactez-nous.
login-another-way = Essayer autrement
login-choose-title = Comment souhaitez-vous confirmer que c’est vous ?
login-choose-lead = N’importe quelle méthode de votre compte convient.
login-otp-title = Saisissez le code de votre application

login-recovery-code-name = Code de récupération
login-recovery-code-hint = Le code que vous avez conservé en lieu sûr. Il fonctionne une seule fois ; vous en recevrez un nouveau.
login-recovery-code-title = Saisissez votre code de récupération
login-recovery-code-lead = Il fonctionne une seule fois. Nous vous en montrerons ensuite un nouveau.
login-recovery-code-label = Code de récupération, 24 lettres et chiffres

login-phone-title = Recevez un code sur votre téléphone
login-phone-lead = Nous l’enverrons à votre numéro qui se termine par { $last4 }.
login-phone-sent-sms = Nous avons envoyé un SMS à votre numéro qui se termine par { $last4 }.
login-phone-sent-voice = Nous appelons votre numéro qui se termine par { $last4 }.
login-phone-send-sms = M’envoyer un code par SMS
login-phone-send-voice = M’appeler pour me donner un code

login-push-start-title = Approuvez sur votre téléphone
login-push-start-lead = Nous interrogerons votre téléphone. Cette page affichera alors un nombre à y saisir.
login-push-begin = Interroger mon téléphone
login-push-begin-again = Interroger de nouveau
login-push-asked-title = Saisissez ce nombre sur votre téléphone
login-push-asked-lead = Ouvrez la page sur votre téléphone s’il ne se manifeste pas.
login-push-asked-lead-named = { $phone } le demande. Ouvrez la page sur votre téléphone s’il ne se manifeste pas.
login-push-approved-title = Votre téléphone a approuvé
login-push-approved-lead = Continuez ici.
login-push-denied-title = La demande a été refusée sur le téléphone
login-push-denied-lead = Rien n’a changé. Si ce n’est pas vous qui avez commencé, fermez cette page et prévenez-nous.
login-push-wrong-number-title = Le nombre ne correspondait pas
login-push-wrong-number-lead = Un nombre erroné a été saisi trois fois. Rien n’a changé.
login-push-over-title = Cela a pris trop de temps
login-push-over-lead = La demande envoyée à votre téléphone a expiré. Rien n’est perdu.

login-webauthn-roaming-title = Utilisez votre clé de sécurité
login-webauthn-roaming-lead = Préparez-la. Votre navigateur vous demandera de la brancher ou de l’approcher de votre téléphone, puis de la toucher.
login-webauthn-roaming-go = Utiliser ma clé
login-webauthn-platform-title = Confirmez avec cet appareil
login-webauthn-platform-lead = Votre visage, votre empreinte digitale ou le verrouillage de l’écran suffit. Ces données ne quittent jamais l’appareil.
login-webauthn-platform-go = Confirmer
login-webauthn-no-platform = Cet appareil ne propose à ce navigateur ni visage, ni empreinte digitale, ni verrouillage de l’écran. Veuillez essayer autrement.
login-webauthn-dismissed = L’opération a été annulée ou a pris trop de temps. Veuillez réessayer, ou essayer autrement.
login-webauthn-failed = Votre navigateur n’y est pas parvenu. Veuillez réessayer, ou essayer autrement.

error-login-code-wrong = Ce code n’est pas le bon. Attendez le prochain dans votre application ; chacun sert une seule fois.
error-login-recovery-code-wrong = Ce n’est pas votre code de récupération, ou il a déjà servi.
error-login-recovery-code-missing = Saisissez votre code de récupération.
error-login-recovery-code-format = Un code de récupération comporte 24 lettres et chiffres. Veuillez vérifier votre saisie.
error-login-webauthn-refused = Cela n’a pas fonctionné. Utilisez une clé ou un appareil de ce compte, ou essayez autrement.
error-login-webauthn-none = Aucune clé et aucun appareil de votre compte ne fonctionne sur cette page. Veuillez essayer autrement.
error-login-push-gone = Cette réponse n’est plus valable. Veuillez interroger de nouveau votre téléphone.
error-login-push-too-many =
    Votre téléphone a été interrogé trop souvent, ou quelqu’un a refusé. Essayez autrement, ou de nouveau dans { $minutes ->
        [one] une minute
       *[other] { $minutes } minutes
    }.
error-login-phone-ended = Trop de codes erronés. Veuillez essayer autrement.
error-login-too-soon =
    Trop d’essais erronés. Veuillez attendre { $minutes ->
        [one] une minute
       *[other] { $minutes } minutes
    }.
