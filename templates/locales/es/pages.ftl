# Las palabras de las páginas. `$…` son valores que pone el servidor.

language-name = Español

## El marco

frame-title = Proteja su cuenta
frame-welcome-back = Le damos la bienvenida de nuevo, { $email }
frame-links = Ayuda y enlaces
frame-help = ¿Necesita ayuda?
frame-language = Idioma
not-you = ¿No es su cuenta? Entonces deténgase aquí y cierre esta página.
support-contact = Contactar con { $site }
steps-label = Paso { $current } de { $total }

## El talón del ticket

stub-kind = Ticket de configuración
stub-valid-until = válido hasta el { $date }
stub-used = usado
stub-expired = caducado
stub-replaced = reemplazado
stub-revoked = retirado
stub-already-enrolled = ya no hace falta

## Botones

confirm = Confirmar
continue = Continuar
copy = Copiar
copied = Copiado
copy-failed = Seleccionado: cópielo con el teclado
download = Descargar
print = Imprimir

## Elegir un método

choose-title = Le damos la bienvenida, elija cómo proteger su cuenta
choose-lead = Tarda un minuto, más o menos. A partir de entonces lo usará al iniciar sesión.
choose-strongest = El más seguro
choose-otp-name = Aplicación de autenticación
choose-otp-hint = Necesita una aplicación en su teléfono que muestra un código nuevo cada 30 segundos; funciona sin conexión.
choose-phone-name = Mensaje de texto o llamada
choose-phone-hint = Necesita un número que reciba mensajes o llamadas. Mejor que nada, pero es la opción más débil.
choose-push-notification-name = Aprobar en mi teléfono
choose-push-notification-hint = Necesita un teléfono con navegador; no hay que instalar ninguna aplicación.
choose-webauthn-roaming-name = Llave de seguridad
choose-webauthn-roaming-hint = Necesita una llave que se conecta o se acerca al teléfono.
choose-webauthn-platform-name = Llave de acceso en este dispositivo
choose-webauthn-platform-hint = Necesita el rostro, la huella digital o el bloqueo de pantalla de este dispositivo.
choose-another-title = Añadir otro método
choose-another-lead = Lo que ya ha añadido protege su cuenta. Otro método le ayudará cuando uno no esté a mano.
choose-device-can = Este dispositivo puede hacerlo
choose-device-cannot = Este dispositivo no puede hacerlo
choose-browser-cannot = Este navegador no puede hacerlo
choose-recovery-code-name = Código de recuperación

## Aplicación de autenticación

otp-title = Conecte su aplicación de autenticación
otp-lead = Sirve cualquier aplicación de autenticación, por ejemplo la que ya usa.
otp-step-scan = Escanee este código con su aplicación.
otp-qr-label = Código QR con su clave de configuración. La misma clave está escrita en el paso siguiente.
otp-open-app = Abrir en mi aplicación de autenticación
otp-step-key = ¿No puede escanear? Escriba esta clave en la aplicación.
otp-step-code = Introduzca los 6 dígitos que muestra su aplicación
otp-other = Usar otra opción

## Código de recuperación

recovery-code-title = Guarde este código de recuperación
recovery-code-lead = Le permite entrar una sola vez si pierde su dispositivo. Después de esta página no podremos volver a mostrarlo.
recovery-code-fresh-lead = El que acaba de introducir ya está gastado; este ocupa su lugar. Después de esta página no podremos volver a mostrarlo.
recovery-code-label = Su código de recuperación
recovery-code-paper-site = Para
recovery-code-paper-account = Cuenta
recovery-code-paper-date = Emitido el
recovery-code-saved = He guardado este código en un lugar seguro

## Listo

done-otp-title = Listo, su aplicación está conectada
done-otp-text = La próxima vez que inicie sesión, le pediremos un código de su aplicación.
done-phone-title = Listo, su número está confirmado
done-phone-text = La próxima vez que inicie sesión, enviaremos un código a su número.
done-push-notification-title = Listo, su teléfono está conectado
done-push-notification-text = La próxima vez que inicie sesión, le pediremos que lo apruebe en su teléfono.
done-webauthn-roaming-title = Listo, su llave de seguridad está preparada
done-webauthn-roaming-text = La próxima vez que inicie sesión, le pediremos su llave.
done-webauthn-platform-title = Listo, su llave de acceso está preparada
done-webauthn-platform-text = La próxima vez que inicie sesión, use su rostro, su huella digital o el bloqueo de pantalla.
done-added = añadido
done-add-another = Añadir otro método
done-finish = Terminar
done-continue = Continuar a { $host }
done-or-stop = O deténgase aquí: su cuenta ya está protegida.
done-close = Eso es todo. Puede cerrar esta página.

## Cuando hay que revisar un formulario

error-code-missing = Introduzca los 6 dígitos que su aplicación muestra ahora.
error-code-format = El código tiene 6 dígitos y nada más. Revíselo, por favor.
error-code-wrong = Ese código no es correcto. Espere al siguiente en su aplicación e introdúzcalo aquí.
error-code-clock =
    El reloj de su teléfono parece tener un desfase de { $minutes ->
        [one] un minuto
       *[other] unos { $minutes } minutos
    }. Active la fecha y la hora automáticas en su teléfono y, después, introduzca un código nuevo.
error-code-algorithm = Su aplicación genera códigos de otro tipo. Elimine esta cuenta de la aplicación y vuelva a escanear el código de arriba; si no sirve, pruebe con otra aplicación.
error-code-digits = Su aplicación está configurada con otro número de dígitos. Elimine esta cuenta de la aplicación y vuelva a escanear el código de arriba.
error-code-older-qr = Ese código corresponde a un código QR anterior. Elimine la entrada más antigua de su aplicación y escanee el código de arriba.
error-code-used = Ese código ya se ha usado. Espere al siguiente en su aplicación.
error-too-many-failures =
    Demasiados códigos incorrectos. Vuelva a intentarlo dentro de { $minutes ->
        [one] un minuto
       *[other] { $minutes } minutos
    }.
error-link-blocked = Demasiados códigos incorrectos: este enlace ya no admite más. Pida uno nuevo a quien se lo envió.
error-saved-missing = Marque la casilla cuando haya guardado el código. Lo necesitará si pierde su dispositivo.
error-factor-missing = Elija uno de los métodos siguientes.

## Cuando un enlace o una página no puede continuar

result-was-valid-until = Era válido hasta el { $date }.
result-retry-after =
    Puede volver a intentarlo dentro de { $minutes ->
        [one] un minuto
       *[other] { $minutes } minutos
    }.
result-reference = Referencia:

result-invalid-title = Este enlace no es válido
result-invalid-text = Quizá se cortó por el camino. Ábralo de nuevo desde el correo o copie la dirección completa. Si no sirve, pida uno nuevo a quien se lo envió.
result-expired-title = Este enlace ha caducado
result-expired-text = Pida uno nuevo a quien se lo envió; nada ha cambiado en su cuenta.
result-used-title = Este enlace ya se ha usado
result-used-text = Cada enlace funciona una sola vez. Si fue usted, no queda nada por hacer. Si no, avísenos de inmediato.
result-replaced-title = Hay un correo más reciente
result-replaced-text = Este enlace fue reemplazado por el de un correo más reciente. Busque el último correo y abra el enlace que contiene.
result-revoked-title = Este enlace se ha retirado
result-revoked-text = Quien lo envió lo ha retirado; nada ha cambiado en su cuenta. Consulte a esa persona si aún necesita uno.
result-already-enrolled-title = Su cuenta ya está protegida
result-already-enrolled-text = Ya hay un método de inicio de sesión configurado, así que este enlace no tiene nada más que hacer. Para cambiarlo, póngase en contacto con nosotros.
result-throttled-title = Hagamos una breve pausa
result-throttled-text = Hubo demasiados intentos en poco tiempo. No se ha perdido nada.
result-no-method-title = Todavía no se puede configurar nada
result-no-method-text = Los métodos que pide este enlace no están disponibles aquí por el momento. Su enlace sigue siendo válido; póngase en contacto con nosotros.
result-other-link-title = Ha abierto otro enlace
result-other-link-text = Esta página pertenece a un enlace anterior. Continúe en la última ventana que abrió o abra de nuevo el enlace de su correo.
result-open-again-title = Abra de nuevo el enlace de su correo
result-open-again-text = Esta página funciona solo en el navegador que abrió el enlace. Si fue este, permita primero las cookies de este sitio.
result-login-over-title = Este inicio de sesión ha terminado
result-login-over-text = Se completó o tardó demasiado. Vuelva al lugar de donde vino e inicie sesión de nuevo.
result-session-ended-title = Se acabó el tiempo de esta página
result-session-ended-text = Para proteger su cuenta, hemos terminado esta visita. Abra de nuevo el enlace de su correo para continuar.
result-forbidden-title = No pudimos aceptar ese formulario
result-forbidden-text = No procede de una página vigente. Abra de nuevo el enlace de su correo e inténtelo otra vez.
result-not-found-title = Aquí no hay nada
result-not-found-text = La dirección está incompleta o es incorrecta. Abra de nuevo el enlace de su correo.
result-too-large-title = Eso fue demasiado
result-too-large-text = El formulario envió más de lo que esta página espera. Vuelva atrás e inténtelo de nuevo.
result-bad-request-title = No lo hemos entendido
result-bad-request-text = Algo en la solicitud no era como debía. Vuelva atrás e inténtelo de nuevo, o abra otra vez el enlace de su correo.
result-method-title = Eso no funciona aquí
result-method-text = Esta página no se puede usar de esa manera. Abra de nuevo el enlace de su correo.
result-misdirected-title = Esta página tiene otra dirección
result-misdirected-text = Abra de nuevo el enlace de su correo: lleva a la correcta.
result-error-title = Algo ha fallado por nuestra parte
result-error-text = No se debe a nada que usted hiciera. Inténtelo de nuevo en un momento; si vuelve a ocurrir, indíquenos la referencia de abajo.
result-unavailable-title = Volvemos enseguida
result-unavailable-text = Algo que necesitamos está fuera de alcance por un momento. No se ha perdido nada; inténtelo de nuevo en breve.
