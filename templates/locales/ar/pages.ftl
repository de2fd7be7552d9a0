# كلمات الصفحات. القيم المسبوقة بعلامة الدولار يضعها الخادم.

language-name = العربية

## الإطار

frame-title = حماية حسابك
frame-welcome-back = مرحبًا بعودتك، { $email }
frame-links = المساعدة والروابط
frame-help = طلب المساعدة
frame-language = اللغة
not-you = أليس هذا حسابك؟ يُرجى التوقف هنا وإغلاق هذه الصفحة.
support-contact = التواصل مع { $site }
steps-label = الخطوة { $current } من { $total }

## قسيمة التذكرة

stub-kind = تذكرة التسجيل
stub-valid-until = صالحة حتى { $date }
stub-used = مُستخدَمة
stub-expired = منتهية الصلاحية
stub-replaced = مُستبدَلة
stub-revoked = مسحوبة
stub-already-enrolled = لم تعد لازمة

## الأزرار

confirm = تأكيد
continue = متابعة
copy = نسخ
copied = تم النسخ
copy-failed = تم التحديد: يُرجى النسخ بلوحة المفاتيح
download = تنزيل
print = طباعة

## اختيار طريقة

choose-title = مرحبًا، يُرجى اختيار طريقة لحماية حسابك
choose-lead = يستغرق ذلك نحو دقيقة، وستُستخدم الطريقة بعدها عند كل تسجيل دخول.
choose-strongest = الأكثر أمانًا
choose-otp-name = تطبيق المصادقة
choose-otp-hint = يتطلب تطبيقًا على هاتفك يعرض رمزًا جديدًا كل 30 ثانية، ويعمل دون اتصال.
choose-phone-name = رسالة نصية أو مكالمة
choose-phone-hint = يتطلب رقمًا يستقبل الرسائل أو المكالمات. أفضل من لا شيء، لكنه الخيار الأضعف.
choose-push-notification-name = الموافقة على هاتفي
choose-push-notification-hint = يتطلب هاتفًا فيه متصفح، ولا حاجة إلى تثبيت أي تطبيق من متجر.
choose-webauthn-roaming-name = مفتاح أمان
choose-webauthn-roaming-hint = يتطلب مفتاحًا يوصَّل بالجهاز أو يُقرَّب من الهاتف.
choose-webauthn-platform-name = مفتاح مرور على هذا الجهاز
choose-webauthn-platform-hint = يتطلب التعرف على الوجه أو بصمة الإصبع أو قفل الشاشة على هذا الجهاز.
choose-another-title = إضافة طريقة أخرى
choose-another-lead = ما أُضيف حتى الآن يحمي حسابك بالفعل. تفيد طريقة أخرى حين تكون إحداها بعيدة عن متناولك.
choose-device-can = هذا الجهاز يدعم ذلك
choose-device-cannot = هذا الجهاز لا يدعم ذلك
choose-browser-cannot = هذا المتصفح لا يدعم ذلك
choose-recovery-code-name = رمز الاسترداد

## تطبيق المصادقة

otp-title = ربط تطبيق المصادقة
otp-lead = أي تطبيق مصادقة مناسب، كالتطبيق المستخدم لديك بالفعل.
otp-step-scan = يُرجى مسح هذا الرمز بتطبيقك.
otp-qr-label = رمز QR يحوي مفتاح الإعداد. المفتاح نفسه مكتوب في الخطوة التالية.
otp-open-app = الفتح في تطبيق المصادقة
otp-step-key = تعذّر المسح؟ يمكن كتابة هذا المفتاح في التطبيق بدلًا من ذلك.
otp-step-code = يُرجى إدخال الأرقام الستة الظاهرة في تطبيقك
otp-other = استخدام طريقة أخرى

## رمز الاسترداد

recovery-code-title = يُرجى الاحتفاظ برمز الاسترداد هذا
recovery-code-lead = يتيح لك الدخول مرة واحدة عند فقدان جهازك. لا يمكننا عرضه مجددًا بعد هذه الصفحة.
recovery-code-fresh-lead = استُهلك الرمز الذي أُدخل للتو، وهذا الرمز يحل محله. لا يمكننا عرضه مجددًا بعد هذه الصفحة.
recovery-code-label = رمز الاسترداد الخاص بك
recovery-code-paper-site = لموقع
recovery-code-paper-account = الحساب
recovery-code-paper-date = تاريخ الإصدار
recovery-code-saved = حفظتُ هذا الرمز في مكان آمن

## اكتمل

done-otp-title = اكتمل الإعداد وتم ربط تطبيقك
done-otp-text = عند تسجيل الدخول في المرة القادمة، سنطلب رمزًا من تطبيقك.
done-phone-title = اكتمل الإعداد وتم تأكيد رقمك
done-phone-text = عند تسجيل الدخول في المرة القادمة، سنرسل رمزًا إلى رقمك.
done-push-notification-title = اكتمل الإعداد وتم ربط هاتفك
done-push-notification-text = عند تسجيل الدخول في المرة القادمة، سنطلب الموافقة على هاتفك.
done-webauthn-roaming-title = اكتمل الإعداد ومفتاح الأمان جاهز
done-webauthn-roaming-text = عند تسجيل الدخول في المرة القادمة، سنطلب مفتاحك.
done-webauthn-platform-title = اكتمل الإعداد ومفتاح المرور جاهز
done-webauthn-platform-text = عند تسجيل الدخول في المرة القادمة، يكفي التعرف على الوجه أو بصمة الإصبع أو قفل الشاشة.
done-added = مُضافة
done-add-another = إضافة طريقة أخرى
done-finish = إنهاء
done-continue = المتابعة إلى { $host }
done-or-stop = أو يمكن التوقف هنا: حسابك محمي بالفعل.
done-close = هذا كل شيء. يمكن إغلاق هذه الصفحة.

## حين يحتاج النموذج إلى مراجعة

error-code-missing = يُرجى إدخال الأرقام الستة الظاهرة الآن في تطبيقك.
error-code-format = يتكون الرمز من 6 أرقام لا غير. يُرجى التحقق منه.
error-code-wrong = هذا الرمز غير صحيح. يُرجى انتظار الرمز التالي في تطبيقك وإدخاله هنا.
error-code-clock =
    يبدو أن ساعة هاتفك منحرفة بنحو { $minutes ->
        [zero] { $minutes } دقيقة
        [one] دقيقة واحدة
        [two] دقيقتين
        [few] { $minutes } دقائق
        [many] { $minutes } دقيقة
       *[other] { $minutes } دقيقة
    }. يُرجى تفعيل الضبط التلقائي للتاريخ والوقت على هاتفك، ثم إدخال رمز جديد.
error-code-algorithm = ينشئ تطبيقك رموزًا من نوع آخر. يُرجى حذف هذا الحساب من التطبيق ومسح الرمز أعلاه مجددًا، وإن لم يُجدِ ذلك فتجربة تطبيق آخر.
error-code-digits = تطبيقك مضبوط على عدد آخر من الأرقام. يُرجى حذف هذا الحساب من التطبيق ومسح الرمز أعلاه مجددًا.
error-code-older-qr = يعود هذا الرمز إلى رمز QR سابق. يُرجى حذف الإدخال الأقدم من تطبيقك ومسح الرمز أعلاه.
error-code-used = سبق استخدام هذا الرمز. يُرجى انتظار الرمز التالي في تطبيقك.
error-too-many-failures =
    أُدخلت رموز خاطئة كثيرة. يُرجى إعادة المحاولة بعد { $minutes ->
        [zero] { $minutes } دقيقة
        [one] دقيقة واحدة
        [two] دقيقتين
        [few] { $minutes } دقائق
        [many] { $minutes } دقيقة
       *[other] { $minutes } دقيقة
    }.
error-link-blocked = أُدخلت رموز خاطئة كثيرة، ولم يعد هذا الرابط يقبل المزيد. يُرجى طلب رابط جديد من الجهة المرسِلة.
error-saved-missing = يُرجى وضع علامة في المربع بعد حفظ الرمز. سيلزم الرمز عند فقدان جهازك.
error-factor-missing = يُرجى اختيار إحدى الطرق أدناه.

## حين يتعذر على رابط أو صفحة المتابعة

result-was-valid-until = كان صالحًا حتى { $date }.
result-retry-after =
    يمكن إعادة المحاولة بعد { $minutes ->
        [zero] { $minutes } دقيقة
        [one] دقيقة واحدة
        [two] دقيقتين
        [few] { $minutes } دقائق
        [many] { $minutes } دقيقة
       *[other] { $minutes } دقيقة
    }.
result-reference = الرقم المرجعي:

result-invalid-title = هذا الرابط غير صالح
result-invalid-text = ربما انقطع جزء منه في الطريق. يُرجى فتحه مجددًا من البريد أو نسخ العنوان كاملًا. إن لم يُجدِ ذلك، يُرجى طلب رابط جديد من الجهة المرسِلة.
result-expired-title = انتهت صلاحية هذا الرابط
result-expired-text = يُرجى طلب رابط جديد من الجهة المرسِلة. لم يتغير شيء في حسابك.
result-used-title = سبق استخدام هذا الرابط
result-used-text = يعمل كل رابط مرة واحدة. إن كان الاستخدام من قِبلك فلا شيء مطلوب، وإلا فيُرجى إبلاغنا فورًا.
result-replaced-title = توجد رسالة أحدث
result-replaced-text = حل محل هذا الرابط رابطٌ في رسالة أحدث. يُرجى البحث عن أحدث رسالة وفتح الرابط الذي فيها.
result-revoked-title = سُحب هذا الرابط
result-revoked-text = سحبته الجهة المرسِلة، ولم يتغير شيء في حسابك. يُرجى سؤالها إن كانت الحاجة إليه قائمة.
result-already-enrolled-title = حسابك محمي بالفعل
result-already-enrolled-text = توجد طريقة تسجيل دخول معدّة له، فلم يعد لهذا الرابط ما يفعله. لتغييرها، يُرجى التواصل معنا.
result-throttled-title = لنأخذ استراحة قصيرة
result-throttled-text = جرت محاولات كثيرة في وقت قصير. لم يُفقد شيء.
result-no-method-title = لا يمكن إعداد شيء بعد
result-no-method-text = الطرق التي يطلبها هذا الرابط غير متاحة هنا حاليًا. يبقى رابطك صالحًا، ويُرجى التواصل معنا.
result-other-link-title = فُتح رابط آخر
result-other-link-text = تعود هذه الصفحة إلى رابط أقدم. يُرجى المتابعة في آخر نافذة فُتحت، أو فتح الرابط في بريدك مجددًا.
result-open-again-title = يُرجى فتح الرابط في بريدك مجددًا
result-open-again-text = تعمل هذه الصفحة فقط في المتصفح الذي فُتح فيه الرابط. إن كان هو هذا المتصفح، يُرجى أولًا السماح بملفات تعريف الارتباط لهذا الموقع.
result-login-over-title = انتهت عملية تسجيل الدخول هذه
result-login-over-text = إما أنها اكتملت أو استغرقت وقتًا طويلًا. يُرجى الرجوع إلى حيث بدأت وتسجيل الدخول مجددًا.
result-session-ended-title = انتهى وقت هذه الصفحة
result-session-ended-text = حفاظًا على أمان حسابك، أنهينا هذه الزيارة. للمتابعة، يُرجى فتح الرابط في بريدك مجددًا.
result-forbidden-title = تعذّر قبول هذا النموذج
result-forbidden-text = لم يأتِ من صفحة لا تزال سارية. يُرجى فتح الرابط في بريدك مجددًا وإعادة المحاولة.
result-not-found-title = لا يوجد شيء هنا
result-not-found-text = العنوان ناقص أو خاطئ. يُرجى فتح الرابط في بريدك مجددًا.
result-too-large-title = كان ذلك أكثر من اللازم
result-too-large-text = أرسل النموذج أكثر مما تتوقعه هذه الصفحة. يُرجى الرجوع وإعادة المحاولة.
result-bad-request-title = لم نفهم ذلك
result-bad-request-text = لم يكن شيء ما في الطلب كما ينبغي. يُرجى الرجوع وإعادة المحاولة، أو فتح الرابط في بريدك مجددًا.
result-method-title = لا يعمل ذلك هنا
result-method-text = لا يمكن استخدام هذه الصفحة بهذه الطريقة. يُرجى فتح الرابط في بريدك مجددًا.
result-misdirected-title = لهذه الصفحة عنوان آخر
result-misdirected-text = يُرجى فتح الرابط في بريدك مجددًا، فهو يقود إلى العنوان الصحيح.
result-error-title = حدث خطأ من جانبنا
result-error-text = لم يكن السبب منك. يُرجى إعادة المحاولة بعد لحظات، وإن تكرر الخطأ فإبلاغنا بالرقم المرجعي أدناه.
result-unavailable-title = سنعود حالًا
result-unavailable-text = شيء نحتاج إليه غير متاح للحظات. لم يُفقد شيء، ويُرجى إعادة المحاولة بعد قليل.
