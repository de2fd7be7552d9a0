# Las palabras del teléfono que aprueba: la página a su lado y la suya propia.

push-start-title = Apruebe en su teléfono
push-start-lead = El navegador de su teléfono se convierte en su llave. No hay que instalar ninguna aplicación.
push-start-one = Escanee un código con su teléfono.
push-start-two = Conéctelo en la página que se abre allí.
push-start-three = Escriba en su teléfono el número de esta pantalla.
push-begin = Mostrar el código
push-begin-again = Empezar de nuevo
push-lost = Si alguna vez pierde el teléfono, use su código de recuperación u otro método para entrar.

push-waiting-title = Conecte su teléfono
push-waiting-lead = El código vale cinco minutos.
push-step-scan = Escanee este código con la cámara de su teléfono.
push-step-here = ¿Lee esto en el teléfono que quiere usar? Conéctelo aquí.
push-qr-label = Código QR que abre la página en su teléfono. El código para escribir está en el paso siguiente.
push-this-device = Usar este teléfono
push-step-code = O abra { $page } en su teléfono y escriba:
push-iphone = En un iPhone o iPad: abra esa página, elija «Compartir» y después «Añadir a pantalla de inicio», y escriba el código en la aplicación que aparece.
push-step-number = Cuando su teléfono esté conectado, esta página mostrará un número.
push-waits = Esta página continúa por sí sola.

push-asked-title = Escriba este número en su teléfono
push-asked-lead = Su teléfono está conectado y lo está pidiendo.
push-asked-lead-named = { $phone } está conectado y lo está pidiendo.

push-approved-title = Su teléfono ha aprobado
push-approved-lead = Un paso más y quedará guardado.

push-denied-title = Se ha rechazado en el teléfono
push-denied-lead = Nada ha cambiado. Si fue usted por error, empiece de nuevo. Si no, cierre esta página y avísenos.

push-wrong-number-title = El número no coincidía
push-wrong-number-lead = Se escribió tres veces un número incorrecto. Nada ha cambiado.

push-over-title = Ha tardado demasiado
push-over-lead = El código ya no vale. No se ha perdido nada.

## La página del teléfono

authenticator-title = Su teléfono es la llave
authenticator-lead = Apruebe aquí los inicios de sesión. La llave nunca sale de este teléfono.
authenticator-needs-script = Esta página necesita JavaScript. Actívelo o elija otro método.
authenticator-unable = Este navegador no puede guardar una llave de forma segura. Abra la página en el navegador habitual de su teléfono, no en una ventana privada.
authenticator-install = En este dispositivo, elija primero «Compartir» y después «Añadir a pantalla de inicio». Abra la aplicación que aparece y escriba allí el código: esta pestaña lo olvidaría.
authenticator-code = Código de la otra pantalla
authenticator-connect = Conectar este teléfono
authenticator-calls = Puede que se le pida permitir las notificaciones: así su teléfono le avisará cuando alguien inicie sesión.
authenticator-accounts = Cuentas conectadas
authenticator-watching = Cuando inicie sesión, abra esta página y responda aquí.
authenticator-another = Conectar otra cuenta
authenticator-remove = Quitar
authenticator-sure = ¿Quitarla de este teléfono? Ya no podrá aprobar con este teléfono, aunque su cuenta lo seguirá mostrando: allí solo puede quitarlo quien administra el sitio. Tenga a mano su código de recuperación u otro método.
authenticator-connected = Conectado. Escriba ahora el número que muestra la otra pantalla.
authenticator-unknown = Ese código no es correcto o es demasiado antiguo. Mire la otra pantalla.
authenticator-taken = Se ha conectado otro teléfono con este código. Si no era el suyo, pulse «Empezar de nuevo» en la otra pantalla.
authenticator-throttled = Demasiados códigos incorrectos. Espere unos minutos.
authenticator-away = No se puede contactar con el servidor. Inténtelo de nuevo.
authenticator-prompt = ¿Es usted?
authenticator-number = Número de la otra pantalla
authenticator-approve = Aprobar
authenticator-deny = Rechazar
authenticator-not-me = No fui yo
authenticator-approved = Aprobado. Continúe en la otra pantalla.
authenticator-denied = Rechazado. Nada ha cambiado.
authenticator-wrong-number = Ese no es el número. Mire la otra pantalla.
authenticator-over = Eso ya ha terminado.
authenticator-pending = sin terminar
authenticator-gone = ya no está conectada

## Lo que muestra el teléfono cuando se le avisa

push-call-title = { $site }
push-call-text = Alguien quiere iniciar sesión. Abra para responder.
