# Las palabras del teléfono: sus pantallas y lo que se le envía. Los mensajes se limitan a letras que caben en un solo SMS: «á», «í», «ó» y «ú» no caben.

phone-title = Añada su número de teléfono
phone-lead = Le enviaremos un código, ahora y cada vez que inicie sesión.
phone-country = País
phone-country-choose = Elija un país
phone-number = Número de teléfono
phone-channel = ¿Cómo desea recibir el código?
phone-by-sms = Mensaje de texto
phone-by-voice = Llamada telefónica
phone-send = Enviarme un código
phone-weaker = Conviene saberlo: una llave de acceso o una aplicación de autenticación es más segura que un número de teléfono, del que otros pueden apoderarse.

phone-code-title = Introduzca el código que le enviamos
phone-code-lead-sms = Hemos enviado un mensaje de texto al
phone-code-lead-voice = Estamos llamando al
phone-edit = Cambiar el número
phone-code-label = Introduzca los 6 dígitos del código
phone-no-code = ¿Aún no tiene el código?
phone-again-sms = Enviar un código nuevo
phone-again-voice = Llamarme de nuevo
phone-rather-sms = Enviar un mensaje de texto
phone-rather-voice = Mejor llamarme
phone-wait =
    Podrá pedir otro código dentro de { $seconds ->
        [one] un segundo
       *[other] { $seconds } segundos
    }. El que enviamos vale 10 minutos; uno nuevo lo reemplaza.

# Mientras cuenta atrás, como 0:42.
phone-wait-left = Podrá pedir otro código dentro de { $left }.
phone-wait-over = Ya puede pedir otro código.

phone-wait-minutes =
    Podrá pedir otro código dentro de { $minutes ->
        [one] un minuto
       *[other] { $minutes } minutos
    }. El que enviamos vale 10 minutos; uno nuevo lo reemplaza.

## Cuando hay que revisar un formulario

error-number-missing = Introduzca su número de teléfono.
error-number-format = Eso no parece un número de teléfono. Use solo dígitos, sin extensión.
error-number-country = Elija su país en la lista. No podemos enviar códigos a otros países.
error-number-invalid = No existe ese número en ese país. Revise sus dígitos.
error-number-kind = No podemos enviar códigos a ese tipo de número. Use el de un teléfono móvil.
error-number-landline = Es una línea fija, que no recibe mensajes de texto. Use el número de un teléfono móvil.
error-number-landline-call = Es una línea fija, que no recibe mensajes de texto. Elija una llamada o use el número de un teléfono móvil.
error-phone-code-missing = Introduzca los 6 dígitos del código que le enviamos.
error-phone-code-wrong = Ese código no es correcto. Mire el último mensaje; solo vale su código.
error-phone-code-ended = Ese código es demasiado antiguo. Introduzca su número una vez más y le enviaremos uno nuevo.
error-phone-too-soon-seconds =
    Puede que el último código aún esté en camino. Podrá pedir otro dentro de { $seconds ->
        [one] un segundo
       *[other] { $seconds } segundos
    }.
error-phone-too-soon =
    Puede que el último código aún esté en camino. Podrá pedir otro dentro de { $minutes ->
        [one] un minuto
       *[other] { $minutes } minutos
    }.
error-phone-too-often =
    Hemos enviado demasiados códigos. Vuelva a intentarlo dentro de { $minutes ->
        [one] un minuto
       *[other] { $minutes } minutos
    } o use otro método.
error-phone-unreachable = Ahora mismo no podemos enviar códigos a este número. Use otro método o vuelva a intentarlo dentro de una hora.

## Mensajes

sms-enrollment = es su clave para agregar este teléfono en { $site }. No la comparta con nadie.
sms-verification = es su clave para entrar en { $site }. No la comparta con nadie.
voice-enrollment = Hola. Le llama { $site }, con su código para añadir este teléfono.
voice-verification = Hola. Le llama { $site }, con su código para iniciar sesión.
voice-code = Su código es: { $code }
voice-again = Una vez más, su código es: { $code }
voice-end = No lo comparta nunca. Adiós.
