# メールの言葉。件名は 1 行です。

mail-account = アカウント：{ $account }
mail-automatic = このメールは { $site } から自動的に送信されました。返信はご遠慮ください。

mail-enrollment-subject = { $site }：アカウントを保護してください
mail-enrollment-title = ログインに 2 つ目の確認を追加
mail-enrollment-who = { $site } より、アカウントの保護をお願いしています。
mail-enrollment-what = スマートフォンのアプリなど、2 つ目の確認方法を設定します。これにより、パスワードが盗まれても、それだけではログインできなくなります。1 分ほどで完了します。
mail-enrollment-asked-by = このメールは「{ $client }」の依頼で送信されました。
mail-enrollment-open = アカウントを保護する
mail-enrollment-once = リンクは一度だけ、{ $date }まで使えます。このリンクはご本人専用です。メールを転送しないでください。
mail-enrollment-address = ボタンが反応しない場合は、このアドレスをブラウザーにコピーしてください：
mail-enrollment-not-you = 心当たりがない場合は、リンクを開かないでください。開かなければ何も変わりません。このメールのことを { $site } にお知らせください。

mail-factor-added-subject = { $site }：アカウントにログイン方法が追加されました
mail-factor-added-kind = お客様のアカウント
mail-factor-added-title = ログイン方法が追加されました
mail-factor-added-what = { $date }、{ $site } のアカウントに追加されました：{ $factor }
mail-factor-added-you = ご本人による追加であれば、手続きは必要ありません。
mail-factor-added-not-you = 心当たりがない場合は、他人がお客様のメールまたはアカウントにアクセスしている可能性があります。すぐに { $site } にご連絡ください。
