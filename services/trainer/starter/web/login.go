package web

import (
	"strconv"
	"strings"
)

// credentials are a login and a password. They may share letters, and either may be
// short or long, so that only their labels tell them apart.
func (p *page) credentials() (user, secret string) {
	draw := func() string {
		switch p.rng.IntN(6) {
		case 0:
			return p.Name()
		case 1:
			return p.Secret()
		case 2:
			return p.Secret() + p.Secret()
		case 3:
			return p.Title(p.Word()) + strconv.Itoa(p.rng.IntN(100))
		case 4:
			return p.Secret()[:2]
		default:
			return p.Word()
		}
	}
	user = p.Name()
	if p.chance(0.5) {
		user = draw()
	}
	for secret = draw(); secret == user; {
		secret = draw()
	}
	if p.chance(0.25) {
		secret = user + pick(p.rng, "1", "7x", "-"+p.Word(), strconv.Itoa(p.rng.IntN(1000)))
	}
	return user, secret
}

// secret: a password goes into two fields.
func (p *page) secret() Session {
	s := Session{End: finished}
	p.clutter(p.rng.IntN(2), "button", "field")
	user, secret := p.credentials()
	kind := pick(p.rng, "password", "password", "text")
	first, second := pick(p.rng, "Password", "Password", "New password"), pick(p.rng, "Repeat password", "Password again", "Confirm password", "Verify", "Verify password", "Once more")
	named := p.chance(0.25) // a name is asked for, too
	if !named && p.chance(0.15) {
		first, second = "", ""
	}
	value := p.quoted(secret)
	request := pick(p.rng, "set the password to "+value+" in both boxes", "type "+value+" as the password, twice", "use "+value+" as the new password and repeat it",
		"choose the password "+value+" and confirm it", "the password is "+value+", in both fields", "fill both boxes with the password "+value)
	if named {
		label := p.userLabel()
		s.Goals = append(s.Goals, Goal{Want: Fill, At: p.input("text", label), Text: user})
		who := strings.ToLower(label) + " " + p.quoted(user)
		request = pick(p.rng, "open an account: "+who+", password "+value+" twice", "register with the password "+value+" in both boxes and the "+who, "sign up: password and its repetition "+value+", "+who)
	}
	for _, label := range []string{first, second} {
		s.Goals = append(s.Goals, Goal{Want: Fill, At: p.input(kind, label), Text: secret})
	}
	send, caption := p.send()
	s.Goals = append(s.Goals, Goal{Want: Click, At: send})
	s.Task = p.ask(request + p.then(caption))
	return s
}

// userLabel is how a page calls a login.
func (p *page) userLabel() string {
	return pick(p.rng, "Username", "Username", "User", "Login name", "Email", "Account", "User name", "Login", "Member")
}

// login: a name and a password, then a button. The form is filled in from the top,
// whatever is said first.
func (p *page) login() Session {
	s := Session{End: finished}
	p.clutter(p.rng.IntN(2), "button", "field")
	user, secret := p.credentials()
	if p.chance(0.15) {
		user += "@" + p.Word() + ".com"
	}
	label, word := p.userLabel(), pick(p.rng, "Password", "Password", "Passphrase", "PIN", "Secret")
	putName := func() {
		s.Goals = append(s.Goals, Goal{Want: Fill, At: p.input("text", label), Text: user})
	}
	putSecret := func() {
		s.Goals = append(s.Goals, Goal{Want: Fill, At: p.input(pick(p.rng, "password", "password", "text"), word), Text: secret})
	}
	if p.chance(0.7) {
		putName()
		putSecret()
	} else {
		putSecret()
		putName()
	}
	if p.chance(0.3) {
		p.check("checkbox", "", pick(p.rng, "Remember me", "Stay signed in", "Keep me logged in"), "")
	}
	caption := pick(p.rng, "Log in", "Login", "Sign in", "Enter", "Log on", "Continue", "Submit")
	p.putf("<div class=line>")
	id := p.button(caption, p.afterwards())
	p.putf("</div>")
	s.Goals = append(s.Goals, Goal{Want: Click, At: id})
	u, w := p.quoted(user), p.quoted(secret)
	name, secretly := strings.ToLower(label), strings.ToLower(word)
	s.Task = p.ask(pick(p.rng, "log in as "+u+" with "+w, "sign in with "+u+" and "+w, "log me in: user "+u+", password "+w,
		"use the name "+u+" and the password "+w+" to sign in", "log on as "+u+" with the password "+w,
		"the password is "+w+", the user is "+u+": log me in", "with the password "+w+", sign in as "+u, "log me in, "+secretly+" "+w+", "+name+" "+u,
		"my "+secretly+" is "+w+" and my "+name+" "+u+", sign me in", "sign in, "+name+": "+u+", "+secretly+": "+w))
	return s
}
