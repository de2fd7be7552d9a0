# 承認に使うスマートフォンの言葉：その横で開くページと、スマートフォン自身のページ。

push-start-title = スマートフォンで承認
push-start-lead = スマートフォンのブラウザーが鍵になります。アプリを入れる必要はありません。
push-start-one = スマートフォンでコードをスキャンします。
push-start-two = スマートフォンで開いたページから接続します。
push-start-three = この画面の番号をスマートフォンに入力します。
push-begin = コードを表示
push-begin-again = やり直す
push-lost = スマートフォンをなくした場合は、リカバリーコードか別の方法でログインしてください。

push-waiting-title = スマートフォンを接続してください
push-waiting-lead = コードは 5 分間有効です。
push-step-scan = スマートフォンのカメラでこのコードをスキャンしてください。
push-step-here = お使いになるスマートフォンでご覧の場合は、ここから接続できます。
push-qr-label = スマートフォンでページを開く QR コード。入力用のコードは次の手順にあります。
push-this-device = このスマートフォンを使う
push-step-code = または、スマートフォンで { $page } を開き、次のコードを入力してください：
push-iphone = iPhone または iPad の場合：そのページを開き、「共有」から「ホーム画面に追加」を選び、追加されたアプリにコードを入力してください。
push-step-number = スマートフォンが接続されると、このページに番号が表示されます。
push-waits = このページは自動的に進みます。

push-asked-title = この番号をスマートフォンに入力してください
push-asked-lead = スマートフォンが接続され、番号を求めています。
push-asked-lead-named = { $phone } が接続され、番号を求めています。

push-approved-title = スマートフォンで承認されました
push-approved-lead = あと 1 ステップで保存されます。

push-denied-title = スマートフォンで拒否されました
push-denied-lead = 何も変更されていません。誤って拒否した場合は、やり直してください。心当たりがない場合は、このページを閉じてお知らせください。

push-wrong-number-title = 番号が一致しませんでした
push-wrong-number-lead = 間違った番号が 3 回入力されました。何も変更されていません。

push-over-title = 時間切れになりました
push-over-lead = コードは無効になりました。失われたものはありません。

## スマートフォンのページ

authenticator-title = このスマートフォンが鍵になります
authenticator-lead = ログインをここで承認します。鍵がこのスマートフォンの外に出ることはありません。
authenticator-needs-script = このページには JavaScript が必要です。有効にするか、別の方法をお選びください。
authenticator-unable = このブラウザーでは鍵を安全に保管できません。プライベートウィンドウではなく、スマートフォンの標準のブラウザーでこのページを開いてください。
authenticator-install = このデバイスでは、まず「共有」から「ホーム画面に追加」を選んでください。追加されたアプリを開き、そこにコードを入力してください。このタブではコードが保存されません。
authenticator-code = もう一方の画面のコード
authenticator-connect = このスマートフォンを接続
authenticator-calls = 通知の許可を求められることがあります。許可すると、ログインのときにスマートフォンに通知が届きます。
authenticator-accounts = 接続済みのアカウント
authenticator-watching = ログインするときは、このページを開いて回答してください。
authenticator-another = 別のアカウントを接続
authenticator-remove = 削除
authenticator-sure = このスマートフォンから削除しますか？ このスマートフォンでは承認できなくなりますが、アカウントの一覧には残ります。一覧から取り除けるのはサイトの管理者だけです。リカバリーコードか別の方法をご用意ください。
authenticator-connected = 接続されました。もう一方の画面に表示された番号を入力してください。
authenticator-unknown = コードが正しくないか、古くなっています。もう一方の画面をご確認ください。
authenticator-taken = このコードで別のスマートフォンが接続されました。ご自身のものでない場合は、もう一方の画面で「やり直す」を押してください。
authenticator-throttled = 間違ったコードが続きました。数分お待ちください。
authenticator-away = サーバーに接続できません。もう一度お試しください。
authenticator-prompt = ご本人ですか？
authenticator-number = もう一方の画面の番号
authenticator-approve = 承認
authenticator-deny = 拒否
authenticator-not-me = 私ではありません
authenticator-approved = 承認しました。もう一方の画面で続けてください。
authenticator-denied = 拒否しました。何も変更されていません。
authenticator-wrong-number = 番号が違います。もう一方の画面をご確認ください。
authenticator-over = すでに終了しています。
authenticator-pending = 未完了
authenticator-gone = 接続が解除されています

## 呼び出されたスマートフォンに表示するもの

push-call-title = { $site }
push-call-text = ログインの承認が求められています。開いて回答してください。
