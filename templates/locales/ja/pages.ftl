# ページの言葉。`$…` にはサーバーが値を入れます。

language-name = 日本語

## 枠

frame-title = アカウントの保護
frame-welcome-back = おかえりなさい、{ $email } さん
frame-links = ヘルプとリンク
frame-help = お困りですか？
frame-language = 言語
not-you = お使いのアカウントではありませんか？ その場合は手続きを中止し、このページを閉じてください。
support-contact = { $site } に問い合わせる
steps-label = ステップ { $current } / { $total }

## チケットの半券

stub-kind = 登録チケット
stub-valid-until = { $date }まで有効
stub-used = 使用済み
stub-expired = 期限切れ
stub-replaced = 差し替え済み
stub-revoked = 取り消し済み
stub-already-enrolled = 手続き不要

## ボタン

confirm = 確認
continue = 次へ
copy = コピー
copied = コピーしました
copy-failed = 選択しました。キーボードでコピーしてください
download = ダウンロード
print = 印刷

## 方法の選択

choose-title = ようこそ。アカウントを保護する方法を選んでください
choose-lead = 1 分ほどで完了します。以後、ログインのときに使います。
choose-strongest = 最も安全
choose-otp-name = 認証アプリ
choose-otp-hint = 30 秒ごとに新しいコードを表示するアプリをスマートフォンで使います。通信がなくても使えます。
choose-phone-name = SMS または電話
choose-phone-hint = SMS か電話を受けられる番号を使います。ないよりはよいものの、安全性は最も低い方法です。
choose-push-notification-name = スマートフォンで承認
choose-push-notification-hint = ブラウザーのあるスマートフォンを使います。ストアからアプリを入れる必要はありません。
choose-webauthn-roaming-name = セキュリティキー
choose-webauthn-roaming-hint = 差し込むか、スマートフォンにかざして使うキーが必要です。
choose-webauthn-platform-name = このデバイスのパスキー
choose-webauthn-platform-hint = このデバイスの顔認証、指紋認証、または画面ロックを使います。
choose-another-title = 別の方法を追加
choose-another-lead = 追加済みの方法がすでにアカウントを守っています。もう一つあると、片方が手元にないときに役立ちます。
choose-device-can = このデバイスで使えます
choose-device-cannot = このデバイスでは使えません
choose-browser-cannot = このブラウザーでは使えません
choose-recovery-code-name = リカバリーコード

## 認証アプリ

otp-title = 認証アプリを接続してください
otp-lead = すでにお使いのものなど、どの認証アプリでもかまいません。
otp-step-scan = アプリでこのコードをスキャンしてください。
otp-qr-label = セットアップキーの QR コード。同じキーを次の手順に文字で示しています。
otp-open-app = 認証アプリで開く
otp-step-key = スキャンできない場合は、このキーをアプリに入力してください。
otp-step-code = アプリに表示された 6 桁の数字を入力してください
otp-other = ほかの方法を使う

## リカバリーコード

recovery-code-title = このリカバリーコードを保管してください
recovery-code-lead = デバイスをなくしたときに一度だけログインできます。このページを離れると、二度と表示できません。
recovery-code-fresh-lead = 入力されたコードは使用済みになりました。今後はこちらのコードをお使いください。このページを離れると、二度と表示できません。
recovery-code-label = リカバリーコード
recovery-code-paper-site = 対象
recovery-code-paper-account = アカウント
recovery-code-paper-date = 発行日
recovery-code-saved = このコードを安全な場所に保管しました

## 完了

done-otp-title = 完了しました。アプリが接続されました
done-otp-text = 次回のログインでは、アプリのコードをお尋ねします。
done-phone-title = 完了しました。電話番号が確認されました
done-phone-text = 次回のログインでは、この番号にコードをお送りします。
done-push-notification-title = 完了しました。スマートフォンが接続されました
done-push-notification-text = 次回のログインでは、スマートフォンで承認していただきます。
done-webauthn-roaming-title = 完了しました。セキュリティキーが使えます
done-webauthn-roaming-text = 次回のログインでは、このキーをお使いいただきます。
done-webauthn-platform-title = 完了しました。パスキーが使えます
done-webauthn-platform-text = 次回のログインでは、顔認証、指紋認証、または画面ロックをお使いください。
done-added = 追加済み
done-add-another = 別の方法を追加
done-finish = 終了
done-continue = { $host } に進む
done-or-stop = ここで終えてもかまいません。アカウントはすでに保護されています。
done-close = 以上で完了です。このページを閉じてかまいません。

## フォームの見直しが必要なとき

error-code-missing = アプリに今表示されている 6 桁の数字を入力してください。
error-code-format = コードは 6 桁の数字だけです。ご確認ください。
error-code-wrong = コードが正しくありません。アプリに次のコードが表示されるのを待って、ここに入力してください。
error-code-clock = スマートフォンの時計が約 { $minutes } 分ずれているようです。スマートフォンで日付と時刻の自動設定をオンにしてから、新しいコードを入力してください。
error-code-algorithm = アプリが作るコードの種類が異なります。アプリからこのアカウントを削除し、上のコードをもう一度スキャンしてください。それでも使えない場合は、別のアプリをお試しください。
error-code-digits = アプリの桁数の設定が異なります。アプリからこのアカウントを削除し、上のコードをもう一度スキャンしてください。
error-code-older-qr = これは以前の QR コードのものです。アプリから古い登録を削除し、上のコードをスキャンしてください。
error-code-used = このコードはすでに使われました。アプリに次のコードが表示されるのをお待ちください。
error-too-many-failures = 間違ったコードが続きました。{ $minutes } 分後にもう一度お試しください。
error-link-blocked = 間違ったコードが続いたため、このリンクは使えなくなりました。送信元に新しいリンクをご依頼ください。
error-saved-missing = コードを保管したら、チェックを入れてください。デバイスをなくしたときに必要になります。
error-factor-missing = 次の方法から一つ選んでください。

## リンクやページが先へ進めないとき

result-was-valid-until = 有効期限は{ $date }でした。
result-retry-after = { $minutes } 分後にもう一度お試しいただけます。
result-reference = 照会番号：

result-invalid-title = このリンクは無効です
result-invalid-text = 途中で切れているのかもしれません。メールからもう一度開くか、アドレス全体をコピーしてください。それでも開けない場合は、送信元に新しいリンクをご依頼ください。
result-expired-title = このリンクは期限が切れています
result-expired-text = 送信元に新しいリンクをご依頼ください。アカウントには何の変更もありません。
result-used-title = このリンクは使用済みです
result-used-text = リンクは一度だけ使えます。ご本人が使われたのであれば、手続きは必要ありません。心当たりがない場合は、すぐにお知らせください。
result-replaced-title = 新しいメールがあります
result-replaced-text = このリンクは、より新しいメールのリンクに置き換えられました。最新のメールを探し、その中のリンクを開いてください。
result-revoked-title = このリンクは取り消されました
result-revoked-text = 送信元が取り消しました。アカウントには何の変更もありません。まだ必要な場合は、送信元にお尋ねください。
result-already-enrolled-title = アカウントはすでに保護されています
result-already-enrolled-text = ログインの方法が設定済みのため、このリンクで行う手続きはありません。変更したい場合は、お問い合わせください。
result-throttled-title = 少しお待ちください
result-throttled-text = 短い時間に試行が多すぎました。失われたものはありません。
result-no-method-title = まだ設定できるものがありません
result-no-method-text = このリンクで指定された方法は、現在ここではご利用になれません。リンクは引き続き有効です。お問い合わせください。
result-other-link-title = 別のリンクを開きました
result-other-link-text = このページは以前のリンクのものです。最後に開いたウィンドウで続けるか、メールのリンクをもう一度開いてください。
result-open-again-title = メールのリンクをもう一度開いてください
result-open-again-text = このページは、リンクを開いたブラウザーでのみ使えます。このブラウザーで開いた場合は、まずこのサイトの Cookie を許可してください。
result-login-over-title = このログインは終了しました
result-login-over-text = 完了したか、時間がかかりすぎました。元のページに戻り、もう一度ログインしてください。
result-session-ended-title = このページの有効時間が過ぎました
result-session-ended-text = アカウントの安全のため、この操作を終了しました。続けるには、メールのリンクをもう一度開いてください。
result-forbidden-title = フォームを受け付けられませんでした
result-forbidden-text = 現在有効なページから送られたものではありません。メールのリンクをもう一度開いて、やり直してください。
result-not-found-title = ここには何もありません
result-not-found-text = アドレスが不完全か、間違っています。メールのリンクをもう一度開いてください。
result-too-large-title = 送信内容が大きすぎます
result-too-large-text = フォームから、このページの想定を超える内容が送られました。前のページに戻り、もう一度お試しください。
result-bad-request-title = 内容を読み取れませんでした
result-bad-request-text = リクエストに正しくない点がありました。前のページに戻ってもう一度お試しいただくか、メールのリンクをもう一度開いてください。
result-method-title = この操作はここではできません
result-method-text = このページをそのように使うことはできません。メールのリンクをもう一度開いてください。
result-misdirected-title = このページのアドレスは別にあります
result-misdirected-text = メールのリンクをもう一度開いてください。正しいページにつながります。
result-error-title = こちら側で問題が起きました
result-error-text = お客様の操作が原因ではありません。しばらくしてからもう一度お試しください。再び起きる場合は、下の照会番号をお知らせください。
result-unavailable-title = まもなく再開します
result-unavailable-text = 必要な機能に一時的に接続できません。失われたものはありません。しばらくしてからもう一度お試しください。
