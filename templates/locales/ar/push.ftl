# كلمات الهاتف الذي يوافق: الصفحة المجاورة له، وصفحة الهاتف نفسه.

push-start-title = الموافقة على هاتفك
push-start-lead = يصبح متصفح هاتفك مفتاحك. لا حاجة إلى تثبيت أي تطبيق.
push-start-one = يُرجى مسح رمز بهاتفك.
push-start-two = يُرجى ربطه في الصفحة التي تُفتح هناك.
push-start-three = يُرجى كتابة الرقم الظاهر على هذه الشاشة في هاتفك.
push-begin = عرض الرمز
push-begin-again = البدء من جديد
push-lost = عند فقدان الهاتف، يمكن الدخول برمز الاسترداد أو بطريقة أخرى.

push-waiting-title = ربط هاتفك
push-waiting-lead = الرمز صالح لخمس دقائق.
push-step-scan = يُرجى مسح هذا الرمز بكاميرا هاتفك.
push-step-here = هل هذا هو الهاتف المراد استخدامه؟ يمكن ربطه هنا.
push-qr-label = رمز QR يفتح الصفحة على هاتفك. الرمز المخصص للكتابة موجود في الخطوة التالية.
push-this-device = استخدام هذا الهاتف
push-step-code = أو يمكن فتح { $page } على هاتفك وكتابة:
push-iphone = على iPhone أو iPad: يُرجى فتح تلك الصفحة، واختيار «مشاركة» ثم «إضافة إلى الشاشة الرئيسية»، وكتابة الرمز في التطبيق الذي يظهر.
push-step-number = بعد ربط هاتفك، تعرض هذه الصفحة رقمًا.
push-waits = تتابع هذه الصفحة من تلقاء نفسها.

push-asked-title = يُرجى كتابة هذا الرقم على هاتفك
push-asked-lead = تم ربط هاتفك وهو يطلب الرقم.
push-asked-lead-named = تم ربط { $phone } وهو يطلب الرقم.

push-approved-title = وافق هاتفك
push-approved-lead = بقيت خطوة واحدة ليتم الحفظ.

push-denied-title = رُفض الطلب على الهاتف
push-denied-lead = لم يتغير شيء. إن كان ذلك من قِبلك سهوًا، يُرجى البدء من جديد، وإلا فيُرجى إغلاق هذه الصفحة وإبلاغنا.

push-wrong-number-title = الرقم غير مطابق
push-wrong-number-lead = كُتب رقم خاطئ ثلاث مرات. لم يتغير شيء.

push-over-title = استغرق ذلك وقتًا طويلًا
push-over-lead = لم يعد الرمز صالحًا. لم يُفقد شيء.

## صفحة الهاتف

authenticator-title = هاتفك هو المفتاح
authenticator-lead = تجري الموافقة على تسجيل الدخول هنا. لا يغادر المفتاح هذا الهاتف أبدًا.
authenticator-needs-script = تحتاج هذه الصفحة إلى JavaScript. يُرجى تفعيلها أو اختيار طريقة أخرى.
authenticator-unable = لا يستطيع هذا المتصفح حفظ مفتاح بأمان. يُرجى فتح الصفحة في متصفح هاتفك المعتاد، لا في نافذة خاصة.
authenticator-install = على هذا الجهاز، يُرجى أولًا اختيار «مشاركة» ثم «إضافة إلى الشاشة الرئيسية»، وفتح التطبيق الذي يظهر وكتابة الرمز فيه، فعلامة التبويب هذه لن تحتفظ به.
authenticator-code = الرمز الظاهر على الشاشة الأخرى
authenticator-connect = ربط هذا الهاتف
authenticator-calls = قد يُطلب منك السماح بالإشعارات، فيرن هاتفك عند تسجيل الدخول.
authenticator-accounts = الحسابات المرتبطة
authenticator-watching = عند تسجيل الدخول، يُرجى فتح هذه الصفحة والإجابة هنا.
authenticator-another = ربط حساب آخر
authenticator-remove = إزالة
authenticator-sure = تأكيد إزالته من هذا الهاتف؟ لن تعود الموافقة بهذا الهاتف ممكنة، لكنه سيبقى مدرجًا في حسابك، ولا يمكن إزالته هناك إلا من إدارة الموقع. يُرجى تجهيز رمز الاسترداد أو طريقة أخرى.
authenticator-connected = تم الربط. يُرجى الآن كتابة الرقم الظاهر على الشاشة الأخرى.
authenticator-unknown = هذا الرمز غير صحيح أو قديم جدًا. يُرجى النظر إلى الشاشة الأخرى.
authenticator-taken = رُبط هاتف آخر بهذا الرمز. إن لم يكن هاتفك، يُرجى الضغط على «البدء من جديد» على الشاشة الأخرى.
authenticator-throttled = أُدخلت رموز خاطئة كثيرة. يُرجى الانتظار بضع دقائق.
authenticator-away = تعذّر الوصول إلى الخادم. يُرجى إعادة المحاولة.
authenticator-prompt = هل هذا الطلب منك؟
authenticator-number = الرقم الظاهر على الشاشة الأخرى
authenticator-approve = موافقة
authenticator-deny = رفض
authenticator-not-me = ليس مني
authenticator-approved = تمت الموافقة. يمكن المتابعة على الشاشة الأخرى.
authenticator-denied = تم الرفض. لم يتغير شيء.
authenticator-wrong-number = ليس هذا هو الرقم. يُرجى النظر إلى الشاشة الأخرى.
authenticator-over = انتهى ذلك بالفعل.
authenticator-pending = غير مكتمل
authenticator-gone = لم يعد مرتبطًا

## ما يعرضه الهاتف عند تنبيهه

push-call-title = { $site }
push-call-text = هناك محاولة تسجيل دخول. يُرجى الفتح للإجابة.
