package pages

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"net/http"
)

//go:embed templates
var templateFiles embed.FS

// templates are the pages by the name of their file, each with the common layout.
type templates map[string]*template.Template

// newTemplates parses the embedded templates.
func newTemplates(files assets) templates {
	base := template.Must(template.New("layout.html").Funcs(template.FuncMap{
		"asset": files.link,
		"stars": starRow,
		"waits": func(csrf string, a *approval) waits { return waits{csrf, a} },
	}).ParseFS(templateFiles, "templates/layout.html", "templates/parts/*.html"))
	all := templates{}
	for _, name := range []string{"list.html", "session.html", "confirm.html", "deleted.html", "stopped.html", "problem.html"} {
		t := template.Must(base.Clone())
		all[name] = template.Must(t.ParseFS(templateFiles, "templates/"+name))
	}
	return all
}

// waits is an approval with what its form sends back.
type waits struct {
	CSRF     string
	Approval *approval
}

// frame is what the layout shows around a page.
type frame struct {
	Title string
	CSRF  string
	// Refresh is after how many seconds the page is worth asking for again, 0 for never.
	Refresh int
	Page    any
}

// refreshSeconds is how often a page of something that runs is brought up to date.
const refreshSeconds = 3

// render answers with a page. It is made whole before the first byte leaves, so that
// a page is never half one.
func (p *pages) render(w http.ResponseWriter, r *http.Request, status int, name string, f frame) {
	f.CSRF = p.options.CSRF(r)
	var b bytes.Buffer
	if err := p.templates[name].Execute(&b, f); err != nil {
		p.options.Log.ErrorContext(r.Context(), "a page cannot be rendered", "page", name, "error", err)
		http.Error(w, "The page cannot be shown. The service's log says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "private, no-cache")
	w.WriteHeader(status)
	if _, err := w.Write(b.Bytes()); err != nil && !errors.Is(err, http.ErrBodyNotAllowed) {
		p.options.Log.DebugContext(r.Context(), "the reader of a page went away", "page", name, "error", err)
	}
}

// starRow tells a template which of five stars are full.
func starRow(n int) [5]bool {
	var row [5]bool
	for i := range row {
		row[i] = i < n
	}
	return row
}
