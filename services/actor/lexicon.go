package actor

// The tables that captions are searched in, in every language of languages.go.
var (
	graveWords   = compile(critical(), criticalElsewhere())
	sendingWords = compile(sending(), sendingElsewhere())
	yesWords     = compile(confirmations(), confirmationsElsewhere())
	commandWords = compile(commands())
	terminals    = compile(terminalWindows())
	browsers     = compile(browserWindows())
	messengers   = compile(messageWindows())
	mailLists    = compile([]string{"inbox", "posteingang", "mailbox"})
	fileManagers = compile(fileWindows())
)

// sending are the captions of what leaves the machine or reaches others.
func sending() []string {
	return []string{
		"send", "submit", "post", "publish", "share", "upload", "reply", "reply all", "forward", "comment", "tweet",
		"log in", "login", "log on", "logon", "sign in", "signin", "sign up", "signup", "register", "subscribe", "join",
		"connect", "invite", "call", "apply for", "book", "reserve", "print", "sync", "push", "export", "authorize",
		"authorise", "allow access", "grant", "run", "execute", "launch",
	}
}

// critical are the captions of what deletes, pays, installs or changes the system.
func critical() []string {
	return []string{
		"delete", "deleting", "remove", "erase", "discard", "destroy", "wipe", "trash", "wastebasket", "recycle bin", "move to trash",
		"empty trash", "purge", "format disk", "format drive", "format device", "overwrite", "replace all", "don t save", "close without saving", "uninstall",
		"factory reset", "reset all", "revoke",
		"pay", "pay now", "buy", "buy now", "purchase", "order", "place order", "checkout", "check out", "donate",
		"transfer", "withdraw", "bid", "subscribe now", "start trial",
		"install", "upgrade", "update now", "enable extension", "add extension", "add to chrome", "add to firefox",
		"shut down", "shutdown", "power off", "restart", "reboot", "log out", "logout", "log off", "sign out", "hibernate",
		"suspend", "close account", "deactivate", "terminate", "kill", "end task", "force quit", "unsubscribe",
	}
}

// confirmations are the captions that say yes to a question that stands elsewhere.
func confirmations() []string {
	return []string{"ok", "yes", "confirm", "continue", "proceed", "apply", "accept", "agree", "finish", "next", "sure"}
}

// commands are shell commands that belong to the gravest class.
func commands() []string {
	return []string{
		"rm", "rmdir", "unlink", "shred", "dd", "mkfs", "sudo", "su", "doas", "apt", "apt get", "dpkg", "dnf", "yum", "pip",
		"npm", "kill", "killall", "pkill", "shutdown", "reboot", "poweroff", "halt", "systemctl", "chmod", "chown", "mv",
		"curl", "wget", "grokputer", // the agent does not answer for the person
	}
}

// terminalWindows are words in the titles of terminals: enter carries out there.
func terminalWindows() []string {
	return []string{
		"terminal", "xterm", "konsole", "console", "rxvt", "urxvt", "uxterm", "lxterminal", "terminator", "shell", "bash",
		"zsh", "tmux", "ssh", "powershell", "python", "alacritty", "kitty", "command prompt", "run",
	}
}

// browserWindows are words in the titles of browsers: enter sends a form there.
func browserWindows() []string {
	return []string{"firefox", "chromium", "chrome", "edge", "safari", "opera", "brave", "epiphany", "browser"}
}

// messageWindows are words in the titles of mail and chat programs: enter sends there.
func messageWindows() []string {
	return []string{
		"thunderbird", "evolution", "outlook", "gmail", "mail", "compose", "inbox", "posteingang", "chat", "slack", "discord",
		"telegram", "signal", "whatsapp", "teams", "matrix", "irc",
	}
}

// fileWindows are words in the titles of file managers.
func fileWindows() []string {
	return []string{"file manager", "files", "dateien", "fichiers", "archivos", "thunar", "nautilus", "pcmanfm", "dolphin", "nemo", "caja", "explorer", "finder"}
}

// movements are keys that only move, show or close something.
func movements() []string {
	return []string{"up", "down", "left", "right", "home", "end", "pageup", "pagedown", "tab", "escape", "menu"}
}
