# Las palabras de los correos. Un asunto ocupa una sola línea.

mail-account = Cuenta: { $account }
mail-automatic = { $site } ha enviado este correo automáticamente. No responda a él, por favor.

mail-enrollment-subject = { $site }: proteja su cuenta
mail-enrollment-title = Añada un segundo paso a su inicio de sesión
mail-enrollment-who = { $site } le pide que proteja su cuenta.
mail-enrollment-what = Configurará un segundo paso, por ejemplo una aplicación en su teléfono, para que nadie pueda entrar solo con una contraseña robada. Tarda un minuto, más o menos.
mail-enrollment-asked-by = Este correo lo solicitó «{ $client }».
mail-enrollment-open = Proteger mi cuenta
mail-enrollment-once = El enlace funciona una sola vez, hasta el { $date }. No reenvíe este correo, por favor: el enlace es solo para usted.
mail-enrollment-address = Si el botón no responde, copie esta dirección en su navegador:
mail-enrollment-not-you = ¿No esperaba este correo? Entonces no abra el enlace: sin él nada cambia. Avise a { $site } de este correo, por favor.

mail-factor-added-subject = { $site }: se ha añadido un método de inicio de sesión a su cuenta
mail-factor-added-kind = Su cuenta
mail-factor-added-title = Se ha añadido un método de inicio de sesión
mail-factor-added-what = Añadido a su cuenta en { $site } el { $date }: { $factor }.
mail-factor-added-you = Si fue usted, todo está bien y no queda nada por hacer.
mail-factor-added-not-you = Si no fue usted, quizá alguien tenga acceso a su correo o a su cuenta. Póngase en contacto con { $site } de inmediato.
