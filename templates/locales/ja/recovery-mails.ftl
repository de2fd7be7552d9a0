# リカバリーコードに関するメールの言葉。件名は 1 行です。

mail-recovery-code-used-subject = { $site }：リカバリーコードが使われました
mail-recovery-code-used-kind = お客様のアカウント
mail-recovery-code-used-title = リカバリーコードが使われました
mail-recovery-code-used-what = { $date }、リカバリーコードを使って { $site } のアカウントへのログインがありました。そのコードは使用済みになり、新しいコードが表示されました。
mail-recovery-code-used-you = ご本人によるログインであれば、以前のコードの代わりに新しいコードを保管してください。ほかに手続きは必要ありません。
mail-recovery-code-used-not-you = 心当たりがない場合は、他人がコードを入手し、アカウントにアクセスしている可能性があります。すぐに { $site } にご連絡ください。

mail-recovery-code-replaced-subject = { $site }：新しいリカバリーコードが発行されました
mail-recovery-code-replaced-kind = お客様のアカウント
mail-recovery-code-replaced-title = リカバリーコードが変わりました
mail-recovery-code-replaced-what = { $date }、{ $site } がアカウントの新しいリカバリーコードを作成しました。以前のコードは使えません。
mail-recovery-code-replaced-you = ご依頼によるものであれば、新しいコードを安全な場所に保管し、以前のコードは破棄してください。
mail-recovery-code-replaced-not-you = ご依頼でなく、誰からも知らされていない場合は、{ $site } にご連絡ください。
