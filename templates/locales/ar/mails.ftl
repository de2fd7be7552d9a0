# كلمات الرسائل البريدية. يبقى الموضوع في سطر واحد، ويبدأ بحرف عربي ليُقرأ من اليمين.

mail-account = الحساب: { $account }
mail-automatic = أُرسلت هذه الرسالة تلقائيًا من { $site }. يُرجى عدم الرد عليها.

mail-enrollment-subject = حماية حسابك لدى { $site }
mail-enrollment-title = إضافة خطوة ثانية إلى تسجيل الدخول
mail-enrollment-who = يطلب منك { $site } حماية حسابك.
mail-enrollment-what = يجري إعداد خطوة ثانية، كتطبيق على هاتفك، لكيلا تكفي كلمة مرور مسروقة وحدها للدخول. يستغرق ذلك نحو دقيقة.
mail-enrollment-asked-by = طلب هذه الرسالة «{ $client }».
mail-enrollment-open = حماية حسابي
mail-enrollment-once = يعمل الرابط مرة واحدة حتى { $date }. يُرجى عدم إعادة توجيه هذه الرسالة، فالرابط مخصص لك وحدك.
mail-enrollment-address = إن لم يستجب الزر، يُرجى نسخ هذا العنوان إلى متصفحك:
mail-enrollment-not-you = ألم تكن هذه الرسالة متوقعة؟ يُرجى عدم فتح الرابط، فمن دونه لا يتغير شيء، وإبلاغ { $site } بهذه الرسالة.

mail-factor-added-subject = أُضيفت طريقة تسجيل دخول إلى حسابك لدى { $site }
mail-factor-added-kind = حسابك
mail-factor-added-title = أُضيفت طريقة تسجيل دخول
mail-factor-added-what = أُضيفت إلى حسابك لدى { $site } في { $date }: { $factor }.
mail-factor-added-you = إن كان ذلك من قِبلك فكل شيء على ما يرام ولا شيء مطلوب.
mail-factor-added-not-you = إن لم يكن ذلك من قِبلك فربما وصل أحد إلى بريدك أو حسابك. يُرجى التواصل مع { $site } فورًا.
