package miniwob

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

//go:embed wanted.js
var wantedScript string

// waitingPage is shown between the visits.
const waitingPage = `<!DOCTYPE html><title>waiting</title><body style="background:#fff"><script>%s</script>`

// Server serves the pages to the browser and hears what their script posts. It
// listens on the loopback interface, below a secret that the browser alone knows.
type Server struct {
	pages    Pages
	secret   string
	listener net.Listener
	http     *http.Server
	ended    chan struct{}

	mu    sync.Mutex
	visit *Visit
	// ordered is closed and made anew whenever the browser has something to do.
	ordered chan struct{}
}

// order is what the script in a page is told.
type order struct {
	Visit   int    `json:"visit"`
	Seed    int64  `json:"seed"`
	Wanted  bool   `json:"wanted"`
	Harness string `json:"harness"` // the address that it posts to
}

// next is what the browser does next.
type next struct {
	URL    string `json:"url,omitempty"`    // go there
	Change bool   `json:"change,omitempty"` // change a small part of what is shown
}

// NewServer starts a server for the pages.
func NewServer(ctx context.Context, pages Pages) (*Server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serve the pages: %w", err)
	}
	s := &Server{pages: pages, secret: rand.Text(), listener: listener, ended: make(chan struct{}), ordered: make(chan struct{})}
	s.visit = newVisit(0, "", 0, false)
	s.visit.served = true // there is nothing to go to yet
	mux := http.NewServeMux()
	base := "/" + s.secret
	mux.HandleFunc("GET "+base+"/harness/wait", s.wait)
	mux.HandleFunc("GET "+base+"/harness/next", s.next)
	mux.HandleFunc("POST "+base+"/harness/post", s.post)
	mux.HandleFunc("GET "+base+"/miniwob/{file}", s.page)
	mux.Handle("GET "+base+"/", http.StripPrefix(base, http.FileServerFS(pages.root)))
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
	s.visit.gone = true
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

// Visit sends the browser to a task's page. Wanted has the page tell what is on it.
func (s *Server) Visit(task string, seed int64, wanted bool) *Visit {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.visit = newVisit(s.visit.id+1, task, seed, wanted)
	s.wake()
	return s.visit
}

// Change has the page of the visit change a small part of what it shows.
func (s *Server) Change(v *Visit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v.change = true
	s.wake()
}

func (s *Server) wake() {
	close(s.ordered)
	s.ordered = make(chan struct{})
}

// script is what runs in a page that was visited with an order.
func script(o order) (string, error) {
	told, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	// JSON escapes < and >, so that no value can end the script.
	return "(() => {\nconst order = " + string(told) + ";\n" + wantedScript + pageScript + "})();", nil
}

// wait shows an empty page that asks where to go.
func (s *Server) wait(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	id := s.visit.id
	if !s.visit.served { // a browser that was started anew has it still to visit
		id--
	}
	s.mu.Unlock()
	text, err := script(order{Visit: id, Harness: s.address("harness/")})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, waitingPage, text) // the browser asks again
}

// page serves a page of the visit with the script in it, once: a page that is
// loaded again would begin its episode anew.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	task := strings.TrimSuffix(r.PathValue("file"), ".html")
	s.mu.Lock()
	v := s.visit
	again := v.served || v.task != task || r.URL.Query().Get("visit") != strconv.Itoa(v.id)
	v.served = v.served || !again
	s.mu.Unlock()
	if again {
		http.Redirect(w, r, s.Start(), http.StatusSeeOther)
		return
	}
	text, err := script(order{Visit: v.id, Seed: v.seed, Wanted: v.wanted, Harness: s.address("harness/")})
	if err == nil {
		var html []byte
		if html, err = s.pages.page(task, text); err == nil {
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
		v, ordered := s.visit, s.ordered
		var do next
		switch {
		case v.id > after:
			do.URL = s.address("miniwob/" + v.task + ".html?visit=" + strconv.Itoa(v.id))
		case v.id == after && v.change:
			v.change, do.Change = false, true
		}
		gone := v.gone
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
	if r.URL.Query().Get("visit") != strconv.Itoa(v.id) {
		return // an earlier page, which has lost its say
	}
	if err := v.hear(r.URL.Query().Get("kind"), body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}
