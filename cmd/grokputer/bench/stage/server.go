package stage

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// postMost is how much a page may post, in bytes.
const postMost = 4 << 20

// closeTimeout bounds the end of the server.
const closeTimeout = 3 * time.Second

//go:embed page.js
var pageScript string

// waitingPage is shown between the visits.
const waitingPage = `<!DOCTYPE html><title>waiting</title><body style="background:#fff"><script>%s</script>`

// Page is what is shown at one visit.
type Page interface {
	// Path is where its document lies on the server, such as miniwob/click-test.html.
	Path() string
	// Document is its HTML. The script belongs at the end of its head: it defines
	// post(kind, body), which has Hear called, and shown(), which waits until what
	// was changed is on the screen, and calls obey(order) with what is told.
	Document(script string) ([]byte, error)
	// Hear takes what the page posts.
	Hear(kind string, body []byte) error
}

// Server serves the pages to the browser and hears what their script posts. It
// listens on the loopback interface, below a secret that the browser alone knows.
type Server struct {
	secret   string
	listener net.Listener
	http     *http.Server
	ended    chan struct{}

	mu    sync.Mutex
	visit visit
	gone  bool
	// ordered is closed and made anew whenever the browser has something to do.
	ordered chan struct{}
}

// visit is the page that is shown, or to be shown.
type visit struct {
	id     int
	page   Page
	served bool
	orders []string // what the page has still to be told
}

// next is what the browser does next.
type next struct {
	URL   string `json:"url,omitempty"`   // go there
	Order string `json:"order,omitempty"` // what the page is told
}

// NewServer starts a server for pages. What they refer to is in files, which may be nil.
func NewServer(ctx context.Context, files fs.FS) (*Server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serve the pages: %w", err)
	}
	s := &Server{secret: rand.Text(), listener: listener, ended: make(chan struct{}), ordered: make(chan struct{})}
	s.visit.served = true // there is nothing to go to yet
	mux := http.NewServeMux()
	base := "/" + s.secret
	mux.HandleFunc("GET "+base+"/harness/wait", s.wait)
	mux.HandleFunc("GET "+base+"/harness/next", s.next)
	mux.HandleFunc("POST "+base+"/harness/post", s.post)
	others := http.NotFoundHandler()
	if files != nil {
		others = http.StripPrefix(base, http.FileServerFS(files))
	}
	mux.HandleFunc("GET "+base+"/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("visit") {
			s.page(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: closeTimeout}
	go func() {
		defer close(s.ended)
		_ = s.http.Serve(listener) // it ends with Close
	}()
	return s, nil
}

// Close ends the server, although ctx may have ended.
func (s *Server) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	s.mu.Lock()
	s.gone = true
	s.wake()
	s.mu.Unlock()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) { // the browser holds a connection
		err = s.http.Close()
	}
	<-s.ended
	return err
}

// address is where the browser finds a path.
func (s *Server) address(path string) string {
	return "http://" + s.listener.Addr().String() + "/" + s.secret + "/" + path
}

// Start is the address that the browser is opened with.
func (s *Server) Start() string { return s.address("harness/wait") }

// Visit sends the browser to a page.
func (s *Server) Visit(p Page) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.visit = visit{id: s.visit.id + 1, page: p}
	s.wake()
}

// Tell has the page that is shown be told an order, unless it is another one.
func (s *Server) Tell(p Page, order string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.visit.page == p {
		s.visit.orders = append(s.visit.orders, order)
		s.wake()
	}
}

func (s *Server) wake() {
	close(s.ordered)
	s.ordered = make(chan struct{})
}

// script is what runs in the page of a visit.
func (s *Server) script(id int) (string, error) {
	told, err := json.Marshal(map[string]any{"id": id, "harness": s.address("harness/")})
	if err != nil {
		return "", err
	}
	// JSON escapes < and >, so that no value can end the script.
	return "const visit = " + string(told) + ";\n" + pageScript, nil
}

// wait shows an empty page that asks where to go.
func (s *Server) wait(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	id := s.visit.id
	if !s.visit.served { // a browser that was started anew has it still to visit
		id--
	}
	s.mu.Unlock()
	text, err := s.script(id)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, waitingPage, "(() => {\n"+text+"})();") // the browser asks again
}

// page serves the page of the visit with the script in it, once: a page that is
// loaded again would begin anew.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/"+s.secret+"/")
	s.mu.Lock()
	v := s.visit
	again := v.served || v.page.Path() != path || r.URL.Query().Get("visit") != strconv.Itoa(v.id)
	s.visit.served = v.served || !again
	s.mu.Unlock()
	if again {
		http.Redirect(w, r, s.Start(), http.StatusSeeOther)
		return
	}
	text, err := s.script(v.id)
	if err == nil {
		var html []byte
		if html, err = v.page.Document(text); err == nil {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write(html) // a browser that has gone is noticed by what it does not post
			return
		}
	}
	http.Error(w, err.Error(), http.StatusInternalServerError)
}

// next answers when there is something to do for a page that knows of the visits
// up to one.
func (s *Server) next(w http.ResponseWriter, r *http.Request) {
	after, err := strconv.Atoi(r.URL.Query().Get("after"))
	if err != nil {
		http.Error(w, "after is no number", http.StatusBadRequest)
		return
	}
	for {
		s.mu.Lock()
		v, ordered, gone := &s.visit, s.ordered, s.gone
		var do next
		switch {
		case v.id > after:
			do.URL = s.address(v.page.Path() + "?visit=" + strconv.Itoa(v.id))
		case v.id == after && len(v.orders) > 0:
			do.Order, v.orders = v.orders[0], v.orders[1:]
		}
		s.mu.Unlock()
		if gone {
			http.Error(w, "the bench is over", http.StatusGone)
			return
		}
		if do != (next{}) {
			body, err := json.Marshal(do)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(body) // the browser asks again
			return
		}
		select {
		case <-ordered:
		case <-r.Context().Done():
			return
		}
	}
}

// post hears what the page of a visit says.
func (s *Server) post(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, postMost))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	v := s.visit
	s.mu.Unlock()
	if v.page == nil || r.URL.Query().Get("visit") != strconv.Itoa(v.id) {
		return // an earlier page, which has lost its say
	}
	if err := v.page.Hear(r.URL.Query().Get("kind"), body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}
