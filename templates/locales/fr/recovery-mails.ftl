# Les mots des e-mails au sujet du code de récupération. Un objet tient sur une ligne.

mail-recovery-code-used-subject = { $site } : votre code de récupération a été utilisé
mail-recovery-code-used-kind = Votre compte
mail-recovery-code-used-title = Votre code de récupération a été utilisé
mail-recovery-code-used-what = Quelqu’un s’est connecté à votre compte sur { $site } avec votre code de récupération le { $date }. Ce code est épuisé, et un nouveau a été affiché.
mail-recovery-code-used-you = Si c’était vous, conservez le nouveau code à la place de l’ancien. Il n’y a rien d’autre à faire.
mail-recovery-code-used-not-you = Si ce n’était pas vous, quelqu’un a peut-être votre code et accès à votre compte. Contactez { $site } immédiatement.

mail-recovery-code-replaced-subject = { $site } : vous avez un nouveau code de récupération
mail-recovery-code-replaced-kind = Votre compte
mail-recovery-code-replaced-title = Votre code de récupération a été remplacé
mail-recovery-code-replaced-what = { $site } a créé un nouveau code de récupération pour votre compte le { $date }. L’ancien code ne fonctionne plus.
mail-recovery-code-replaced-you = Si vous l’avez demandé, conservez le nouveau code en lieu sûr et jetez l’ancien.
mail-recovery-code-replaced-not-you = Si vous ne l’avez pas demandé et que personne ne vous en a parlé, contactez { $site }.
