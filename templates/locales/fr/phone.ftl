# Les mots du téléphone : ses écrans, et ce qui lui est envoyé. Les messages s’en tiennent aux lettres qui tiennent dans un seul SMS.

phone-title = Ajoutez votre numéro de téléphone
phone-lead = Nous y enverrons un code, maintenant et à chaque connexion.
phone-country = Pays
phone-country-choose = Choisir un pays
phone-number = Numéro de téléphone
phone-channel = Comment souhaitez-vous recevoir le code ?
phone-by-sms = SMS
phone-by-voice = Appel téléphonique
phone-send = M’envoyer un code
phone-weaker = Bon à savoir : une clé d’accès ou une application d’authentification est plus sûre qu’un numéro de téléphone, dont d’autres peuvent s’emparer.

phone-code-title = Saisissez le code que nous vous avons envoyé
phone-code-lead-sms = Nous avons envoyé un SMS au
phone-code-lead-voice = Nous appelons le
phone-edit = Modifier le numéro
phone-code-label = Saisissez les 6 chiffres du code
phone-no-code = Pas encore de code ?
phone-again-sms = Envoyer un nouveau code
phone-again-voice = M’appeler de nouveau
phone-rather-sms = Envoyer un SMS
phone-rather-voice = M’appeler plutôt
phone-wait =
    Vous pourrez demander un autre code dans { $seconds ->
        [one] une seconde
       *[other] { $seconds } secondes
    }. Le code envoyé est valable 10 minutes ; un nouveau le remplace.

# Pendant le compte à rebours, comme 0:42.
phone-wait-left = Vous pourrez demander un autre code dans { $left }.
phone-wait-over = Vous pouvez maintenant demander un autre code.

phone-wait-minutes =
    Vous pourrez demander un autre code dans { $minutes ->
        [one] une minute
       *[other] { $minutes } minutes
    }. Le code envoyé est valable 10 minutes ; un nouveau le remplace.

## Quand un formulaire demande une correction

error-number-missing = Saisissez votre numéro de téléphone.
error-number-format = Cela ne ressemble pas à un numéro de téléphone. Utilisez uniquement des chiffres, sans numéro de poste.
error-number-country = Choisissez votre pays dans la liste. Nous ne pouvons pas envoyer de codes vers d’autres pays.
error-number-invalid = Ce numéro n’existe pas dans ce pays. Veuillez vérifier ses chiffres.
error-number-kind = Nous ne pouvons pas envoyer de codes à ce type de numéro. Veuillez indiquer celui d’un téléphone mobile.
error-number-landline = C’est une ligne fixe, qui ne reçoit pas de SMS. Veuillez indiquer le numéro d’un téléphone mobile.
error-number-landline-call = C’est une ligne fixe, qui ne reçoit pas de SMS. Choisissez plutôt un appel, ou indiquez le numéro d’un téléphone mobile.
error-phone-code-missing = Saisissez les 6 chiffres du code que nous vous avons envoyé.
error-phone-code-wrong = Ce code n’est pas le bon. Vérifiez le dernier message ; seul son code fonctionne.
error-phone-code-ended = Ce code est trop ancien. Saisissez de nouveau votre numéro, et nous vous en enverrons un nouveau.
error-phone-too-soon-seconds =
    Le dernier code est peut-être encore en route. Vous pourrez en demander un autre dans { $seconds ->
        [one] une seconde
       *[other] { $seconds } secondes
    }.
error-phone-too-soon =
    Le dernier code est peut-être encore en route. Vous pourrez en demander un autre dans { $minutes ->
        [one] une minute
       *[other] { $minutes } minutes
    }.
error-phone-too-often =
    Nous avons envoyé trop de codes. Veuillez réessayer dans { $minutes ->
        [one] une minute
       *[other] { $minutes } minutes
    }, ou utiliser une autre méthode.
error-phone-unreachable = Nous ne pouvons pas envoyer de codes à ce numéro pour le moment. Veuillez utiliser une autre méthode, ou réessayer dans une heure.

## Messages

sms-enrollment = est votre code pour ajouter ce téléphone sur { $site }. Ne le communiquez jamais.
sms-verification = est votre code pour vous connecter sur { $site }. Ne le communiquez jamais.
voice-enrollment = Bonjour. Ici { $site }, avec votre code pour ajouter ce téléphone.
voice-verification = Bonjour. Ici { $site }, avec votre code pour vous connecter.
voice-code = Votre code est : { $code }
voice-again = Je répète, votre code est : { $code }
voice-end = Ne le communiquez jamais. Au revoir.
