# Words of the mails about the recovery code. A subject stays on one line.

mail-recovery-code-used-subject = { $site }: your recovery code was used
mail-recovery-code-used-kind = Your account
mail-recovery-code-used-title = Your recovery code was used
mail-recovery-code-used-what = Somebody signed in to your account at { $site } with your recovery code on { $date }. That code is used up, and a new one was shown.
mail-recovery-code-used-you = If that was you, keep the new code where the old one was. There is nothing else to do.
mail-recovery-code-used-not-you = If that wasn’t you, somebody may have your code and access to your account. Get in touch with { $site } right away.

mail-recovery-code-replaced-subject = { $site }: you have a new recovery code
mail-recovery-code-replaced-kind = Your account
mail-recovery-code-replaced-title = Your recovery code was replaced
mail-recovery-code-replaced-what = { $site } made a new recovery code for your account on { $date }. The code you had no longer works.
mail-recovery-code-replaced-you = If you asked for it, keep the new code in a safe place and throw the old one away.
mail-recovery-code-replaced-not-you = If you didn’t ask for it and nobody told you of it, get in touch with { $site }.
