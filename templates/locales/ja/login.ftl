# 登録済みの方法で本人であることを示すページの言葉。

login-lead = 別の方法を追加する前に、ご本人であることを確認させてください。
login-lead-application = { $application } が 2 つ目の確認を求めています。ご本人であることを確認させてください。
login-cancel = キャンセルして { $application } に戻る
login-remember = このブラウザーでは { $days } 日間、再度確認しない
login-not-you = 私ではありません
login-stopped-title = 現在ログインはロックされています
login-stopped-text = 間違った入力が続きました。アカウントの安全のため、{ $until }まで受け付けを停止しています。お急ぎの場合は、お問い合わせください。
login-another-way = 別の方法を試す
login-choose-title = ご本人であることをどの方法で確認しますか？
login-choose-lead = アカウントに登録されたどの方法でもかまいません。
login-otp-title = アプリのコードを入力してください

login-recovery-code-name = リカバリーコード
login-recovery-code-hint = 安全な場所に保管したコードです。一度だけ使え、新しいコードが発行されます。
login-recovery-code-title = リカバリーコードを入力してください
login-recovery-code-lead = 一度だけ使えます。このあと新しいコードを表示します。
login-recovery-code-label = リカバリーコード（英数字 24 文字）

login-phone-title = 電話でコードを受け取る
login-phone-lead = 末尾が { $last4 } の番号にお送りします。
login-phone-sent-sms = 末尾が { $last4 } の番号に SMS を送りました。
login-phone-sent-voice = 末尾が { $last4 } の番号に電話をかけています。
login-phone-send-sms = SMS でコードを受け取る
login-phone-send-voice = 電話でコードを聞く

login-push-start-title = スマートフォンで承認してください
login-push-start-lead = スマートフォンに確認を送ります。その後、このページに表示される番号をスマートフォンに入力してください。
login-push-begin = スマートフォンに確認を送る
login-push-begin-again = もう一度送る
login-push-asked-title = この番号をスマートフォンに入力してください
login-push-asked-lead = 通知が届かない場合は、スマートフォンでページを開いてください。
login-push-asked-lead-named = { $phone } が番号を求めています。通知が届かない場合は、スマートフォンでページを開いてください。
login-push-approved-title = スマートフォンで承認されました
login-push-approved-lead = こちらで続けてください。
login-push-denied-title = スマートフォンで拒否されました
login-push-denied-lead = 何も変更されていません。ご自身で始めたのでない場合は、このページを閉じてお知らせください。
login-push-wrong-number-title = 番号が一致しませんでした
login-push-wrong-number-lead = 間違った番号が 3 回入力されました。何も変更されていません。
login-push-over-title = 時間切れになりました
login-push-over-lead = スマートフォンへの確認は終了しました。失われたものはありません。

login-webauthn-roaming-title = セキュリティキーを使ってください
login-webauthn-roaming-lead = キーをご用意ください。ブラウザーの案内に従い、差し込むかスマートフォンにかざして、キーに触れてください。
login-webauthn-roaming-go = キーを使う
login-webauthn-platform-title = このデバイスで確認してください
login-webauthn-platform-lead = 顔認証、指紋認証、または画面ロックで確認できます。これらの情報がデバイスの外に出ることはありません。
login-webauthn-platform-go = 確認
login-webauthn-no-platform = このデバイスでは、このブラウザーから顔認証、指紋認証、画面ロックを使えません。別の方法をお試しください。
login-webauthn-dismissed = 取り消されたか、時間がかかりすぎました。もう一度お試しいただくか、別の方法をお使いください。
login-webauthn-failed = ブラウザーで処理できませんでした。もう一度お試しいただくか、別の方法をお使いください。

error-login-code-wrong = コードが正しくありません。アプリに次のコードが表示されるのをお待ちください。コードは一度ずつしか使えません。
error-login-recovery-code-wrong = リカバリーコードが正しくないか、すでに使われています。
error-login-recovery-code-missing = リカバリーコードを入力してください。
error-login-recovery-code-format = リカバリーコードは英数字 24 文字です。入力した内容をご確認ください。
error-login-webauthn-refused = 確認できませんでした。このアカウントのキーかデバイスを使うか、別の方法をお試しください。
error-login-webauthn-none = このページで使えるキーやデバイスがアカウントにありません。別の方法をお試しください。
error-login-push-gone = その回答は無効になりました。スマートフォンにもう一度確認を送ってください。
error-login-push-too-many = スマートフォンへの確認が多すぎたか、拒否されました。別の方法を使うか、{ $minutes } 分後にもう一度お試しください。
error-login-phone-ended = 間違ったコードが続きました。別の方法をお試しください。
error-login-too-soon = 間違った入力が続きました。{ $minutes } 分お待ちください。
