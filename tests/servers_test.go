package tests

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// secret is the password of the servers that deploymentIn starts.
const secret = "a-secret-of-this-test"

// deployment is the five services as processes of their own, on a NATS and a MinIO
// server that stand alone, with the settings of deploy/.
type deployment struct {
	t        *testing.T
	data     string
	programs string // folder of the services' programs
	env      []string
	running  map[string]*exec.Cmd
	again    map[string]func() // starts a server as before
}

// deploy starts the two servers and builds the services.
func deploy(t *testing.T, env ...string) *deployment {
	t.Helper()
	d := &deployment{t: t, data: t.TempDir(), programs: t.TempDir(), running: map[string]*exec.Cmd{}, again: map[string]func(){}}
	nats, s3 := freePort(t), freePort(t)
	d.env = append(d.settings("grokputer"),
		"GROKPUTER_NATS_URL=nats://127.0.0.1:"+nats, "GROKPUTER_NATS_PASSWORD="+secret,
		"GROKPUTER_S3_ENDPOINT=127.0.0.1:"+s3, "GROKPUTER_S3_ACCESS_KEY=grokputer", "GROKPUTER_S3_SECRET_KEY="+secret,
		"GROKPUTER_DATA="+d.data, "GROKPUTER_LOG_LEVEL=warn", "HOME="+d.data)
	d.env = append(d.env, env...)
	d.server("nats-server", []string{"GROKPUTER_NATS_PASSWORD=" + secret, "GROKPUTER_NATS_STORE=" + t.TempDir()},
		"--config", filepath.Join(repositoryRoot(t), "deploy", "nats", "nats-server.conf"), "--port", nats)
	d.server("minio", []string{"MINIO_ROOT_USER=grokputer", "MINIO_ROOT_PASSWORD=" + secret, "HOME=" + t.TempDir()},
		"server", t.TempDir(), "--address", "127.0.0.1:"+s3, "--quiet")
	d.await("http://127.0.0.1:" + s3 + "/minio/health/ready")
	for _, service := range []string{"observer", "actor", "feedback", "trainer", "registry"} {
		build := exec.Command("go", "build", "-o", filepath.Join(d.programs, service), "./cmd/"+service)
		build.Dir = filepath.Join(repositoryRoot(t), "services", service)
		build.Env = append(os.Environ(), ofNoScreen)
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", service, err, out)
		}
	}
	return d
}

// ofNoScreen takes the cookie of another test's screen, which stands in this process's
// environment for a moment (desk.use), out of that of a program: it is none of theirs.
const ofNoScreen = "XAUTHORITY="

// freePort is a port that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// settings are the lines of a file of deploy/env.
func (d *deployment) settings(name string) (env []string) {
	d.t.Helper()
	body, err := os.ReadFile(filepath.Join(repositoryRoot(d.t), "deploy", "env", name+".env"))
	if err != nil {
		d.t.Fatal(err)
	}
	for line := range strings.Lines(string(body)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			env = append(env, line)
		}
	}
	return env
}

// server starts one of the servers that make builds.
func (d *deployment) server(name string, env []string, args ...string) {
	d.t.Helper()
	program := filepath.Join(repositoryRoot(d.t), ".cache", "bin", name)
	if _, err := os.Stat(program); err != nil {
		d.t.Fatalf("%v: run make servers", err)
	}
	d.again[name] = func() {
		d.launch(name, exec.Command(program, args...), append([]string{"PATH=" + os.Getenv("PATH")}, env...))
	}
	d.again[name]()
}

// start starts a service, with its own file of deploy/env and further settings, which win.
func (d *deployment) start(service string, env ...string) {
	d.t.Helper()
	all := append([]string{"PATH=" + os.Getenv("PATH")}, d.env...)
	all = append(all, d.settings(service)...)
	d.launch(service, exec.Command(filepath.Join(d.programs, service)), append(all, env...))
}

func (d *deployment) launch(name string, cmd *exec.Cmd, env []string) {
	d.t.Helper()
	said := &bytes.Buffer{}
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = env, d.data, said, said
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.running[name] = cmd
	d.t.Cleanup(func() {
		_ = cmd.Process.Kill() // a test may have done so
		_ = cmd.Wait()
		if d.t.Failed() {
			d.t.Logf("%s said:\n%s", name, said)
		}
	})
}

// kill ends a service as a crash does.
func (d *deployment) kill(service string) {
	d.t.Helper()
	if err := d.running[service].Process.Kill(); err != nil {
		d.t.Fatal(err)
	}
	_ = d.running[service].Wait()
}

// await waits until an address answers with 200.
func (d *deployment) await(url string) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), patience)
	defer cancel()
	for {
		if ok(ctx, url) {
			return
		}
		select {
		case <-ctx.Done():
			d.t.Fatalf("%s does not answer", url)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func ok(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

// setting is the value of a setting of every service.
func (d *deployment) setting(name string) string {
	d.t.Helper()
	for i := range d.env {
		if value, found := strings.CutPrefix(d.env[len(d.env)-1-i], name+"="); found {
			return value
		}
	}
	d.t.Fatalf("%s is not set", name)
	return ""
}
