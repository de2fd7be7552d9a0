# Words of the mails. A subject stays on one line.

mail-account = Account: { $account }
mail-automatic = { $site } sent this mail automatically. Please don’t reply to it.

mail-enrollment-subject = { $site }: protect your account
mail-enrollment-title = Add a second step to your sign-in
mail-enrollment-who = { $site } asks you to protect your account.
mail-enrollment-what = You set up a second step, such as an app on your phone, so that a stolen password alone lets nobody in. It takes about a minute.
mail-enrollment-asked-by = This mail was requested by “{ $client }”.
mail-enrollment-open = Protect my account
mail-enrollment-once = The link works once, until { $date }. Please don’t forward this mail: the link is meant for you alone.
mail-enrollment-address = If the button does nothing, copy this address into your browser:
mail-enrollment-not-you = Not expecting this? Then don’t open the link: without it nothing changes. Please tell { $site } about this mail.

mail-factor-added-subject = { $site }: a sign-in method was added to your account
mail-factor-added-kind = Your account
mail-factor-added-title = A sign-in method was added
mail-factor-added-what = Added to your account at { $site } on { $date }: { $factor }.
mail-factor-added-you = If that was you, all is well and there is nothing left to do.
mail-factor-added-not-you = If that wasn’t you, somebody may have access to your mail or your account. Get in touch with { $site } right away.
