# 電話の言葉：その画面と、電話に送るもの。メッセージはできるだけ短くします。

phone-title = 電話番号を追加してください
phone-lead = 今回と今後のログインのときに、この番号にコードをお送りします。
phone-country = 国・地域
phone-country-choose = 国・地域を選んでください
phone-number = 電話番号
phone-channel = コードの受け取り方
phone-by-sms = SMS
phone-by-voice = 電話
phone-send = コードを受け取る
phone-weaker = ご参考：電話番号は他人に乗っ取られることがあり、パスキーや認証アプリのほうが安全です。

phone-code-title = お送りしたコードを入力してください
phone-code-lead-sms = SMS の送信先：
phone-code-lead-voice = 電話の発信先：
phone-edit = 番号を変更
phone-code-label = コードの 6 桁の数字を入力してください
phone-no-code = コードが届きませんか？
phone-again-sms = 新しいコードを送る
phone-again-voice = もう一度電話を受ける
phone-rather-sms = SMS で受け取る
phone-rather-voice = 電話で受け取る
phone-wait = { $seconds } 秒後に別のコードを請求できます。お送りしたコードは 10 分間有効で、新しいコードを送ると無効になります。

# 0:42 のように秒読みする間。
phone-wait-left = あと { $left } で別のコードを請求できます。
phone-wait-over = 別のコードを請求できます。

phone-wait-minutes = { $minutes } 分後に別のコードを請求できます。お送りしたコードは 10 分間有効で、新しいコードを送ると無効になります。

## フォームの見直しが必要なとき

error-number-missing = 電話番号を入力してください。
error-number-format = 電話番号の形式ではないようです。内線番号を付けず、数字だけで入力してください。
error-number-country = 一覧から国・地域を選んでください。それ以外の国・地域にはコードを送れません。
error-number-invalid = その国・地域にこの番号はありません。数字をご確認ください。
error-number-kind = この種類の番号にはコードを送れません。携帯電話の番号をお使いください。
error-number-landline = SMS を受信できない固定電話の番号です。携帯電話の番号をお使いください。
error-number-landline-call = SMS を受信できない固定電話の番号です。電話での受け取りを選ぶか、携帯電話の番号をお使いください。
error-phone-code-missing = お送りしたコードの 6 桁の数字を入力してください。
error-phone-code-wrong = コードが正しくありません。最新のメッセージをご確認ください。有効なのはそのコードだけです。
error-phone-code-ended = コードの有効期限が切れました。もう一度番号を入力していただければ、新しいコードをお送りします。
error-phone-too-soon-seconds = 前のコードがまだ届いていない可能性があります。{ $seconds } 秒後に別のコードを請求できます。
error-phone-too-soon = 前のコードがまだ届いていない可能性があります。{ $minutes } 分後に別のコードを請求できます。
error-phone-too-often = コードの送信回数が多すぎます。{ $minutes } 分後にもう一度お試しいただくか、別の方法をお使いください。
error-phone-unreachable = 現在、この番号にコードを送れません。別の方法を使うか、1 時間後にもう一度お試しください。

## メッセージ

sms-enrollment = は{ $site }の電話登録コードです。誰にも教えないでください。
sms-verification = は{ $site }のログインコードです。誰にも教えないでください。
voice-enrollment = こちらは { $site } です。この電話を追加するためのコードをお知らせします。
voice-verification = こちらは { $site } です。ログインするためのコードをお知らせします。
voice-code = コードは、{ $code }
voice-again = もう一度お伝えします。コードは、{ $code }
voice-end = 誰にも教えないでください。失礼いたします。
