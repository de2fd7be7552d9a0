# Las palabras de las páginas en las que una persona demuestra un método que ya tiene.

login-lead = Antes de añadir otro método, demuestre que es usted.
login-lead-application = { $application } pide una segunda prueba. Demuestre que es usted.
login-cancel = Cancelar y volver a { $application }
login-remember = No volver a preguntar en este navegador durante { $days } días
login-not-you = No soy yo
login-stopped-title = El inicio de sesión está bloqueado por ahora
login-stopped-text = Hubo demasiados intentos incorrectos. Para proteger su cuenta, no se acepta nada hasta el { $until }. Si no puede esperar, póngase en contacto con nosotros.
login-another-way = Probar de otra manera
login-choose-title = ¿Cómo desea confirmar que es usted?
login-choose-lead = Sirve cualquier método de su cuenta.
login-otp-title = Introduzca el código de su aplicación

login-recovery-code-name = Código de recuperación
login-recovery-code-hint = El código que guardó en un lugar seguro. Funciona una sola vez; recibirá uno nuevo.
login-recovery-code-title = Introduzca su código de recuperación
login-recovery-code-lead = Funciona una sola vez. Después le mostraremos uno nuevo.
login-recovery-code-label = Código de recuperación, 24 letras y dígitos

login-phone-title = Reciba un código en su teléfono
login-phone-lead = Lo enviaremos a su número que termina en { $last4 }.
login-phone-sent-sms = Hemos enviado un mensaje de texto a su número que termina en { $last4 }.
login-phone-sent-voice = Estamos llamando a su número que termina en { $last4 }.
login-phone-send-sms = Enviarme un código por mensaje
login-phone-send-voice = Llamarme para darme un código

login-push-start-title = Apruebe en su teléfono
login-push-start-lead = Preguntaremos a su teléfono. Esta página mostrará entonces un número que deberá escribir allí.
login-push-begin = Preguntar a mi teléfono
login-push-begin-again = Preguntar de nuevo
login-push-asked-title = Escriba este número en su teléfono
login-push-asked-lead = Abra la página en su teléfono si no le avisa.
login-push-asked-lead-named = { $phone } lo está pidiendo. Abra la página en su teléfono si no le avisa.
login-push-approved-title = Su teléfono ha aprobado
login-push-approved-lead = Continúe aquí.
login-push-denied-title = Se ha rechazado en el teléfono
login-push-denied-lead = Nada ha cambiado. Si no fue usted quien lo empezó, cierre esta página y avísenos.
login-push-wrong-number-title = El número no coincidía
login-push-wrong-number-lead = Se escribió tres veces un número incorrecto. Nada ha cambiado.
login-push-over-title = Ha tardado demasiado
login-push-over-lead = La pregunta a su teléfono ha terminado. No se ha perdido nada.

login-webauthn-roaming-title = Use su llave de seguridad
login-webauthn-roaming-lead = Téngala preparada. Su navegador le pedirá que la conecte o la acerque a su teléfono, y que la toque.
login-webauthn-roaming-go = Usar mi llave
login-webauthn-platform-title = Confirme con este dispositivo
login-webauthn-platform-lead = Basta con su rostro, su huella digital o el bloqueo de pantalla. Esos datos nunca salen del dispositivo.
login-webauthn-platform-go = Confirmar
login-webauthn-no-platform = Este dispositivo no ofrece a este navegador ni rostro, ni huella digital, ni bloqueo de pantalla. Pruebe de otra manera.
login-webauthn-dismissed = Se canceló o tardó demasiado. Inténtelo una vez más o pruebe de otra manera.
login-webauthn-failed = Su navegador no pudo hacerlo. Inténtelo una vez más o pruebe de otra manera.

error-login-code-wrong = Ese código no es correcto. Espere al siguiente en su aplicación; cada uno funciona una sola vez.
error-login-recovery-code-wrong = Ese no es su código de recuperación, o ya se ha usado.
error-login-recovery-code-missing = Introduzca su código de recuperación.
error-login-recovery-code-format = Un código de recuperación tiene 24 letras y dígitos. Revise lo que ha introducido.
error-login-webauthn-refused = No ha funcionado. Use una llave o un dispositivo de esta cuenta o pruebe de otra manera.
error-login-webauthn-none = Ninguna llave ni ningún dispositivo de su cuenta funciona en esta página. Pruebe de otra manera.
error-login-push-gone = Esa respuesta ya no vale. Pregunte de nuevo a su teléfono.
error-login-push-too-many =
    Se ha preguntado demasiadas veces a su teléfono, o alguien lo ha rechazado. Pruebe de otra manera o vuelva a intentarlo dentro de { $minutes ->
        [one] un minuto
       *[other] { $minutes } minutos
    }.
error-login-phone-ended = Demasiados códigos incorrectos. Pruebe de otra manera.
error-login-too-soon =
    Demasiados intentos incorrectos. Espere { $minutes ->
        [one] un minuto
       *[other] { $minutes } minutos
    }.
