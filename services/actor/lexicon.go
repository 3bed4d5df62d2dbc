package actor

import (
	"slices"
	"strings"
	"unicode"
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
		"delete", "remove", "erase", "discard", "destroy", "wipe", "trash", "wastebasket", "recycle bin", "move to trash",
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
		"curl", "wget",
	}
}

// lineWindows are words in the titles of terminals, browsers, mail and chat
// programs: enter carries out or sends there.
func lineWindows() []string {
	return []string{
		"terminal", "xterm", "konsole", "console", "rxvt", "urxvt", "uxterm", "lxterminal", "terminator", "shell", "bash",
		"zsh", "tmux", "ssh", "powershell", "python", "alacritty", "kitty", "command prompt",
		"firefox", "chromium", "chrome", "edge", "safari", "opera", "brave", "epiphany", "browser",
		"thunderbird", "evolution", "outlook", "gmail", "mail", "compose", "chat", "slack", "discord", "telegram", "signal",
		"whatsapp", "teams", "matrix", "irc", "run",
	}
}

// fileWindows are words in the titles of file managers.
func fileWindows() []string {
	return []string{"file manager", "files", "thunar", "nautilus", "pcmanfm", "dolphin", "nemo", "caja", "explorer", "finder"}
}

// movements are keys that only move, show or close something.
func movements() []string {
	return []string{"up", "down", "left", "right", "home", "end", "pageup", "pagedown", "tab", "escape", "menu"}
}

// wordsClass is the gravest class that a phrase among the words belongs to.
func wordsClass(label []string) Class {
	switch {
	case containsAny(label, critical()):
		return Critical
	case containsAny(label, sending()):
		return Send
	default:
		return Read
	}
}

// words splits a label into its lower-case words.
func words(label string) []string {
	return strings.FieldsFunc(strings.ToLower(label), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// containsAny reports whether one of the phrases stands among the words, whole
// word for whole word.
func containsAny(label, phrases []string) bool {
	return slices.ContainsFunc(phrases, func(phrase string) bool {
		parts := strings.Fields(phrase)
		for i := 0; i+len(parts) <= len(label); i++ {
			if slices.Equal(label[i:i+len(parts)], parts) {
				return true
			}
		}
		return false
	})
}
