# كلمات الهاتف: شاشاته وما يُرسل إليه. تبقى الرسائل قصيرة ما أمكن.

phone-title = إضافة رقم هاتفك
phone-lead = سنرسل إليه رمزًا، الآن وعند كل تسجيل دخول.
phone-country = البلد
phone-country-choose = اختيار بلد
phone-number = رقم الهاتف
phone-channel = ما الطريقة المفضلة لاستلام الرمز؟
phone-by-sms = رسالة نصية
phone-by-voice = مكالمة هاتفية
phone-send = إرسال رمز إليّ
phone-weaker = من المفيد معرفته: مفتاح المرور أو تطبيق المصادقة أكثر أمانًا من رقم هاتف قد يستولي عليه آخرون.

phone-code-title = يُرجى إدخال الرمز المرسل إليك
phone-code-lead-sms = أرسلنا رسالة نصية إلى
phone-code-lead-voice = نتصل الآن بالرقم
phone-edit = تغيير الرقم
phone-code-label = يُرجى إدخال أرقام الرمز الستة
phone-no-code = ألم يصل الرمز بعد؟
phone-again-sms = إرسال رمز جديد
phone-again-voice = الاتصال بي مجددًا
phone-rather-sms = إرسال رسالة نصية
phone-rather-voice = الاتصال بي بدلًا من ذلك
phone-wait =
    يمكن طلب رمز آخر بعد { $seconds ->
        [zero] { $seconds } ثانية
        [one] ثانية واحدة
        [two] ثانيتين
        [few] { $seconds } ثوانٍ
        [many] { $seconds } ثانية
       *[other] { $seconds } ثانية
    }. يصلح الرمز المرسل لمدة 10 دقائق، ويحل محله أي رمز جديد.

# أثناء العد التنازلي، مثل 0:42.
phone-wait-left = يمكن طلب رمز آخر بعد { $left }.
phone-wait-over = يمكن الآن طلب رمز آخر.

phone-wait-minutes =
    يمكن طلب رمز آخر بعد { $minutes ->
        [zero] { $minutes } دقيقة
        [one] دقيقة واحدة
        [two] دقيقتين
        [few] { $minutes } دقائق
        [many] { $minutes } دقيقة
       *[other] { $minutes } دقيقة
    }. يصلح الرمز المرسل لمدة 10 دقائق، ويحل محله أي رمز جديد.

## حين يحتاج النموذج إلى مراجعة

error-number-missing = يُرجى إدخال رقم هاتفك.
error-number-format = لا يبدو هذا رقم هاتف. يُرجى استخدام الأرقام فقط، دون رقم فرعي.
error-number-country = يُرجى اختيار بلدك من القائمة. لا يمكننا إرسال رموز إلى بلدان أخرى.
error-number-invalid = لا يوجد رقم كهذا في ذلك البلد. يُرجى التحقق من أرقامه.
error-number-kind = لا يمكننا إرسال رموز إلى هذا النوع من الأرقام. يُرجى استخدام رقم هاتف محمول.
error-number-landline = هذا خط أرضي لا يستقبل الرسائل النصية. يُرجى استخدام رقم هاتف محمول.
error-number-landline-call = هذا خط أرضي لا يستقبل الرسائل النصية. يُرجى اختيار مكالمة هاتفية أو استخدام رقم هاتف محمول.
error-phone-code-missing = يُرجى إدخال أرقام الرمز الستة المرسلة إليك.
error-phone-code-wrong = هذا الرمز غير صحيح. يُرجى مراجعة أحدث رسالة، فرمزها وحده صالح.
error-phone-code-ended = هذا الرمز قديم جدًا. يُرجى إدخال رقمك مرة أخرى لنرسل رمزًا جديدًا.
error-phone-too-soon-seconds =
    قد يكون الرمز الأخير في الطريق. يمكن طلب رمز آخر بعد { $seconds ->
        [zero] { $seconds } ثانية
        [one] ثانية واحدة
        [two] ثانيتين
        [few] { $seconds } ثوانٍ
        [many] { $seconds } ثانية
       *[other] { $seconds } ثانية
    }.
error-phone-too-soon =
    قد يكون الرمز الأخير في الطريق. يمكن طلب رمز آخر بعد { $minutes ->
        [zero] { $minutes } دقيقة
        [one] دقيقة واحدة
        [two] دقيقتين
        [few] { $minutes } دقائق
        [many] { $minutes } دقيقة
       *[other] { $minutes } دقيقة
    }.
error-phone-too-often =
    أرسلنا رموزًا كثيرة. يُرجى إعادة المحاولة بعد { $minutes ->
        [zero] { $minutes } دقيقة
        [one] دقيقة واحدة
        [two] دقيقتين
        [few] { $minutes } دقائق
        [many] { $minutes } دقيقة
       *[other] { $minutes } دقيقة
    } أو استخدام طريقة أخرى.
error-phone-unreachable = لا يمكننا إرسال رموز إلى هذا الرقم حاليًا. يُرجى استخدام طريقة أخرى أو إعادة المحاولة بعد ساعة.

## الرسائل

sms-enrollment = رمز سري لإضافة هاتف في { $site }
sms-verification = رمز سري للدخول إلى { $site }
voice-enrollment = مرحبًا. معك { $site }، نبلغك برمز إضافة هذا الهاتف.
voice-verification = مرحبًا. معك { $site }، نبلغك برمز تسجيل الدخول.
voice-code = رمزك هو: { $code }
voice-again = مرة أخرى، رمزك هو: { $code }
voice-end = يُرجى عدم مشاركته أبدًا. مع السلامة.
