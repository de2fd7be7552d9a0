# كلمات الصفحات التي يُثبت فيها المرء هويته بطريقة لديه.

login-lead = قبل إضافة طريقة أخرى، يُرجى إثبات هويتك.
login-lead-application = يطلب { $application } إثباتًا ثانيًا. يُرجى إثبات هويتك.
login-cancel = الإلغاء والعودة إلى { $application }
login-remember =
    عدم السؤال مجددًا في هذا المتصفح لمدة { $days ->
        [zero] { $days } يوم
        [one] يوم واحد
        [two] يومين
        [few] { $days } أيام
        [many] { $days } يومًا
       *[other] { $days } يوم
    }
login-not-you = هذا الطلب ليس مني
login-stopped-title = تسجيل الدخول مقفل حاليًا
login-stopped-text = جرت محاولات خاطئة كثيرة. حفاظًا على أمان حسابك، لن يُقبل شيء حتى { $until }. إن تعذّر الانتظار، يُرجى التواصل معنا.
login-another-way = تجربة طريقة أخرى
login-choose-title = ما الطريقة المفضلة لتأكيد هويتك؟
login-choose-lead = أي طريقة في حسابك مناسبة.
login-otp-title = يُرجى إدخال رمز تطبيقك

login-recovery-code-name = رمز الاسترداد
login-recovery-code-hint = الرمز المحفوظ لديك في مكان آمن. يعمل مرة واحدة، ثم يصدر رمز جديد.
login-recovery-code-title = يُرجى إدخال رمز الاسترداد
login-recovery-code-lead = يعمل مرة واحدة. بعد ذلك نعرض رمزًا جديدًا.
login-recovery-code-label = رمز الاسترداد، 24 من الحروف والأرقام

login-phone-title = استلام رمز على هاتفك
login-phone-lead = سنرسله إلى رقمك المنتهي بـ { $last4 }.
login-phone-sent-sms = أرسلنا رسالة نصية إلى رقمك المنتهي بـ { $last4 }.
login-phone-sent-voice = نتصل الآن برقمك المنتهي بـ { $last4 }.
login-phone-send-sms = إرسال رمز برسالة نصية
login-phone-send-voice = الاتصال بي لإبلاغي بالرمز

login-push-start-title = الموافقة على هاتفك
login-push-start-lead = سنسأل هاتفك، ثم تعرض هذه الصفحة رقمًا يُكتب هناك.
login-push-begin = سؤال هاتفي
login-push-begin-again = السؤال مجددًا
login-push-asked-title = يُرجى كتابة هذا الرقم على هاتفك
login-push-asked-lead = يُرجى فتح الصفحة على هاتفك إن لم يصل تنبيه.
login-push-asked-lead-named = يطلب { $phone } الرقم. يُرجى فتح الصفحة على هاتفك إن لم يصل تنبيه.
login-push-approved-title = وافق هاتفك
login-push-approved-lead = يمكن المتابعة هنا.
login-push-denied-title = رُفض الطلب على الهاتف
login-push-denied-lead = لم يتغير شيء. إن لم تكن البداية من قِبلك، يُرجى إغلاق هذه الصفحة وإبلاغنا.
login-push-wrong-number-title = الرقم غير مطابق
login-push-wrong-number-lead = كُتب رقم خاطئ ثلاث مرات. لم يتغير شيء.
login-push-over-title = استغرق ذلك وقتًا طويلًا
login-push-over-lead = انتهى السؤال المرسل إلى هاتفك. لم يُفقد شيء.

login-webauthn-roaming-title = استخدام مفتاح الأمان
login-webauthn-roaming-lead = يُرجى تجهيز المفتاح. سيطلب متصفحك توصيله أو تقريبه من هاتفك ثم لمسه.
login-webauthn-roaming-go = استخدام مفتاحي
login-webauthn-platform-title = التأكيد بهذا الجهاز
login-webauthn-platform-lead = يكفي التعرف على الوجه أو بصمة الإصبع أو قفل الشاشة. لا تغادر هذه البيانات الجهاز أبدًا.
login-webauthn-platform-go = تأكيد
login-webauthn-no-platform = لا يتيح هذا الجهاز لهذا المتصفح التعرف على الوجه ولا بصمة الإصبع ولا قفل الشاشة. يُرجى تجربة طريقة أخرى.
login-webauthn-dismissed = أُلغيت العملية أو استغرقت وقتًا طويلًا. يُرجى المحاولة مرة أخرى أو تجربة طريقة أخرى.
login-webauthn-failed = لم يتمكن متصفحك من ذلك. يُرجى المحاولة مرة أخرى أو تجربة طريقة أخرى.

error-login-code-wrong = هذا الرمز غير صحيح. يُرجى انتظار الرمز التالي في تطبيقك، فكل رمز يعمل مرة واحدة.
error-login-recovery-code-wrong = هذا ليس رمز الاسترداد الخاص بك، أو سبق استخدامه.
error-login-recovery-code-missing = يُرجى إدخال رمز الاسترداد.
error-login-recovery-code-format = يتكون رمز الاسترداد من 24 من الحروف والأرقام. يُرجى التحقق مما أُدخل.
error-login-webauthn-refused = لم ينجح ذلك. يُرجى استخدام مفتاح أو جهاز تابع لهذا الحساب أو تجربة طريقة أخرى.
error-login-webauthn-none = لا يعمل أي مفتاح أو جهاز من حسابك على هذه الصفحة. يُرجى تجربة طريقة أخرى.
error-login-push-gone = انتهت صلاحية تلك الإجابة. يُرجى سؤال هاتفك مجددًا.
error-login-push-too-many =
    سُئل هاتفك مرات كثيرة أو رُفض الطلب. يُرجى تجربة طريقة أخرى أو إعادة المحاولة بعد { $minutes ->
        [zero] { $minutes } دقيقة
        [one] دقيقة واحدة
        [two] دقيقتين
        [few] { $minutes } دقائق
        [many] { $minutes } دقيقة
       *[other] { $minutes } دقيقة
    }.
error-login-phone-ended = أُدخلت رموز خاطئة كثيرة. يُرجى تجربة طريقة أخرى.
error-login-too-soon =
    جرت محاولات خاطئة كثيرة. يُرجى الانتظار { $minutes ->
        [zero] { $minutes } دقيقة
        [one] دقيقة واحدة
        [two] دقيقتين
        [few] { $minutes } دقائق
        [many] { $minutes } دقيقة
       *[other] { $minutes } دقيقة
    }.
