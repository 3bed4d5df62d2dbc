package actor

// Captions in languages other than English: German, French, Spanish, Italian,
// Portuguese, Dutch, Polish, Swedish, Turkish, Russian, Chinese, Japanese, Korean.
// Accents and the case of letters make no difference.

// sendingElsewhere are captions of what leaves the machine or reaches others.
func sendingElsewhere() []string {
	//nolint:gosmopolitan // the other languages are what is looked for
	return []string{
		"senden", "absenden", "abschicken", "verschicken", "veröffentlichen", "teilen", "hochladen", "antworten", "weiterleiten",
		"anmelden", "einloggen", "registrieren", "drucken", "ausführen", "buchen", "abonnieren",
		"envoyer", "soumettre", "publier", "partager", "répondre", "transférer", "connexion", "se connecter", "s inscrire",
		"imprimer", "exécuter", "réserver",
		"enviar", "publicar", "compartir", "responder", "reenviar", "iniciar sesión", "registrarse", "imprimir", "ejecutar", "reservar",
		"invia", "inviare", "pubblica", "condividi", "rispondi", "inoltra", "accedi", "registrati", "stampa", "esegui", "prenota",
		"compartilhar", "encaminhar", "entrar", "cadastrar", "executar",
		"verzenden", "versturen", "verstuur", "plaatsen", "delen", "beantwoorden", "doorsturen", "inloggen", "aanmelden", "afdrukken",
		"wyślij", "opublikuj", "udostępnij", "odpowiedz", "zaloguj", "zarejestruj", "drukuj",
		"skicka", "publicera", "dela", "svara", "logga in", "skriv ut",
		"gönder", "yayınla", "paylaş", "giriş yap", "kaydol", "yazdır",
		"отправить", "опубликовать", "поделиться", "ответить", "переслать", "войти", "зарегистрироваться", "печать", "выполнить",
		"发送", "發送", "提交", "发布", "發佈", "分享", "回复", "登录", "登入", "注册", "打印", "送信", "投稿", "共有", "返信", "ログイン", "印刷",
		"보내기", "전송", "제출", "게시", "공유", "로그인",
	}
}

// criticalElsewhere are captions of what deletes, pays, installs or changes the system.
func criticalElsewhere() []string {
	//nolint:gosmopolitan // the other languages are what is looked for
	return []string{
		"löschen", "loeschen", "entfernen", "verwerfen", "papierkorb", "nicht speichern", "deinstallieren", "zurücksetzen",
		"kaufen", "jetzt kaufen", "bezahlen", "zahlen", "zahlungspflichtig bestellen", "bestellen", "überweisen", "spenden",
		"installieren", "herunterfahren", "ausschalten", "neu starten", "neustarten", "abmelden", "kündigen", "beenden erzwingen",
		"supprimer", "effacer", "retirer", "corbeille", "ne pas enregistrer", "désinstaller", "réinitialiser", "acheter", "payer",
		"commander", "virement", "installer", "mettre à jour", "éteindre", "arrêter", "redémarrer", "se déconnecter", "déconnexion",
		"borrar", "eliminar", "suprimir", "quitar", "descartar", "papelera", "no guardar", "desinstalar", "restablecer", "comprar",
		"pagar", "pedir", "realizar pedido", "transferir", "donar", "instalar", "apagar", "reiniciar", "cerrar sesión",
		"elimina", "eliminare", "cancella", "rimuovi", "cestino", "non salvare", "disinstalla", "acquista", "compra", "paga", "ordina",
		"bonifico", "installa", "spegni", "riavvia", "esci",
		"excluir", "deletar", "remover", "lixeira", "não salvar", "encomendar", "desligar", "sair",
		"verwijderen", "verwijder", "wissen", "prullenbak", "niet opslaan", "kopen", "betalen", "bestelling plaatsen", "installeren",
		"afsluiten", "opnieuw opstarten", "uitloggen", "afmelden",
		"usuń", "skasuj", "kosz", "nie zapisuj", "odinstaluj", "kup", "kup teraz", "zapłać", "zamów", "przelew", "zainstaluj", "wyłącz", "wyloguj",
		"ta bort", "radera", "papperskorgen", "avinstallera", "köp", "betala", "beställ", "installera", "stäng av", "starta om", "logga ut",
		"sil", "kaldır", "satın al", "öde", "sipariş ver", "yükle", "yeniden başlat", "çıkış yap",
		"удалить", "стереть", "очистить", "корзина", "не сохранять", "купить", "оплатить", "заказать", "перевести", "установить",
		"выключить", "перезагрузить", "выйти",
		"删除", "刪除", "移除", "清空", "回收站", "不保存", "卸载", "购买", "購買", "支付", "付款", "下单", "转账", "安装", "安裝", "关机", "重启", "注销",
		"削除", "消去", "ゴミ箱", "保存しない", "購入", "支払", "注文", "振込", "インストール", "アンインストール", "シャットダウン", "再起動", "ログアウト",
		"삭제", "제거", "휴지통", "저장 안 함", "구매", "결제", "주문", "송금", "설치", "시스템 종료", "다시 시작", "로그아웃",
	}
}

// confirmationsElsewhere are captions that say yes to a question that stands elsewhere.
func confirmationsElsewhere() []string {
	//nolint:gosmopolitan // the other languages are what is looked for
	return []string{
		"ja", "bestätigen", "weiter", "fortfahren", "übernehmen", "akzeptieren", "zustimmen", "fertigstellen", "einverstanden",
		"oui", "confirmer", "continuer", "accepter", "appliquer", "terminer", "valider", "suivant",
		"sí", "aceptar", "confirmar", "continuar", "aplicar", "finalizar", "siguiente", "de acuerdo",
		"sì", "conferma", "continua", "accetta", "applica", "fine", "avanti",
		"sim", "aceitar", "concluir", "avançar", "bevestigen", "doorgaan", "akkoord", "tak", "potwierdź", "dalej", "godkänn", "fortsätt",
		"evet", "tamam", "onayla", "devam", "да", "подтвердить", "продолжить", "применить", "готово",
		"确定", "確定", "确认", "確認", "继续", "同意", "はい", "続行", "확인", "예", "계속",
	}
}
