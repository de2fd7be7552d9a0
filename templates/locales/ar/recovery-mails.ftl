# كلمات الرسائل البريدية عن رمز الاسترداد. يبقى الموضوع في سطر واحد، ويبدأ بحرف عربي ليُقرأ من اليمين.

mail-recovery-code-used-subject = استُخدم رمز الاسترداد الخاص بك لدى { $site }
mail-recovery-code-used-kind = حسابك
mail-recovery-code-used-title = استُخدم رمز الاسترداد الخاص بك
mail-recovery-code-used-what = جرى تسجيل الدخول إلى حسابك لدى { $site } برمز الاسترداد في { $date }. استُهلك ذلك الرمز وعُرض رمز جديد.
mail-recovery-code-used-you = إن كان ذلك من قِبلك، يُرجى حفظ الرمز الجديد مكان القديم. لا شيء آخر مطلوب.
mail-recovery-code-used-not-you = إن لم يكن ذلك من قِبلك فربما حصل أحد على رمزك ووصل إلى حسابك. يُرجى التواصل مع { $site } فورًا.

mail-recovery-code-replaced-subject = لديك رمز استرداد جديد لدى { $site }
mail-recovery-code-replaced-kind = حسابك
mail-recovery-code-replaced-title = استُبدل رمز الاسترداد الخاص بك
mail-recovery-code-replaced-what = أنشأ { $site } رمز استرداد جديدًا لحسابك في { $date }. لم يعد رمزك السابق صالحًا.
mail-recovery-code-replaced-you = إن كان ذلك بطلب منك، يُرجى حفظ الرمز الجديد في مكان آمن والتخلص من القديم.
mail-recovery-code-replaced-not-you = إن لم يكن ذلك بطلب منك ولم يخبرك به أحد، يُرجى التواصل مع { $site }.
