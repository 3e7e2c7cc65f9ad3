package humaapi

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gemini-image-chat/gemini-image-chat/adapters/memory"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
	"github.com/gemini-image-chat/gemini-image-chat/imagechat/imagechattest"
)

func TestOnlyPublicAddressesAreDialled(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1:248:1893:25c8:1946": true,
		"127.0.0.1": false, "::1": false, "0.0.0.0": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "fe80::1%eth0": false, "fd00::1": false, "fdaa::3": false, "100.64.0.1": false,
		"198.18.0.1": false, "224.0.0.1": false, "255.255.255.255": false, "::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false,
		"64:ff9b::7f00:1": false, "2002:7f00:1::": false, "::127.0.0.1": false, "ff02::1": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: got %v, want %v", address, got, want)
		}
	}
}

// away is references to one allowed host whose name leads to a server of the
// test's; real makes the connection, the guard included.
func away(t *testing.T, to http.HandlerFunc, real bool) *references {
	t.Helper()
	srv := httptest.NewTLSServer(to)
	t.Cleanup(srv.Close)
	svc, err := imagechat.New(memory.Ports(imagechattest.NewScript()), nil)
	if err != nil {
		t.Fatal(err)
	}
	f := newReferences(svc, &Options{ReferenceHosts: []string{"Pictures.example"}})
	tr := f.client.Transport.(*http.Transport)
	tr.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	guarded := tr.DialContext
	tr.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		// What a resolver under an attacker's hand would answer.
		address := srv.Listener.Addr().String()
		if real {
			return guarded(ctx, network, address)
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	return f
}

// get reads a reference and stores its picture.
func (f *references) get(t *testing.T, text string) error {
	ref, err := f.read(text, "studio.example")
	if err != nil || ref.store == nil {
		return err
	}
	_, err = ref.store(t.Context())
	return err
}

func TestAnAllowedHostThatLeadsInsideIsNotReached(t *testing.T) {
	t.Parallel()
	reached := false
	f := away(t, func(http.ResponseWriter, *http.Request) { reached = true }, true)
	if err := f.get(t, "https://pictures.example/a.png"); imagechat.CodeOf(err) != imagechat.InvalidRequest || reached {
		t.Errorf("got %v, reached %v", err, reached)
	}
}

func TestOnlyAllowedHostsAreFetchedAndNoRedirectIsFollowed(t *testing.T) {
	t.Parallel()
	asked := ""
	f := away(t, func(w http.ResponseWriter, r *http.Request) {
		asked += r.URL.Path + " "
		http.Redirect(w, r, "https://pictures.example/inside", http.StatusFound)
	}, false)
	for _, reference := range []string{
		"https://pictures.example/moved", "https://other.example/a", "http://pictures.example/plain", "https://pictures.example:8443/port",
		"https://me@pictures.example/user", "file:///etc/passwd", "//pictures.example/relative", "ftp://pictures.example/x", "/api/image-chat/sessions",
	} {
		if err := f.get(t, reference); imagechat.CodeOf(err) != imagechat.InvalidRequest {
			t.Errorf("%s: got %v, want invalid_request", reference, err)
		}
	}
	if asked != "/moved " {
		t.Errorf("asked for %q, want the allowed one once", asked)
	}
}

func TestAStarNamesTheHostsBelow(t *testing.T) {
	t.Parallel()
	f := newReferences(nil, &Options{ReferenceHosts: []string{"*.Example.com", "one.test", "*", "*."}})
	for host, want := range map[string]bool{
		"cdn.example.com": true, "a.b.EXAMPLE.com": true, "one.test": true,
		"example.com": false, "badexample.com": false, "cdn.example.com.evil.test": false, "x.one.test": false, "": false, "other.test": false,
	} {
		if got := f.named(host); got != want {
			t.Errorf("%q: got %v, want %v", host, got, want)
		}
	}
}

func TestTheSchemeIsBelievedFromTrustedHandsOnly(t *testing.T) {
	t.Parallel()
	proxy := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // httptest's requests come from there
	for _, test := range []struct {
		name, says string
		o          Options
		want       bool
	}{
		{"anybody", "https", Options{}, false},
		{"a proxy of ours", "https", Options{TrustedProxies: proxy}, true},
		{"a platform", "https", Options{ClientAddressHeader: "Fly-Client-IP"}, true},
		{"a platform about plain HTTP", "http", Options{ClientAddressHeader: "Fly-Client-IP"}, false},
		{"a platform, with an address of ours", "https", Options{ClientAddressHeader: "Fly-Client-IP", PublicURL: "http://chat.test"}, false},
	} {
		g, err := newGuard(&test.o)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("X-Forwarded-Proto", test.says)
		if got := g.secure(r); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// kernel stands for net/http's writer, which copies files by sendfile.
type kernel struct {
	*httptest.ResponseRecorder
	source io.Reader
}

func (k *kernel) ReadFrom(r io.Reader) (int64, error) {
	k.source = r
	return io.Copy(k.ResponseRecorder, r)
}

func TestFilesReachTheKernelAsFiles(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "picture")
	if err := os.WriteFile(name, make([]byte, 100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	k := &kernel{ResponseRecorder: httptest.NewRecorder()}
	rec := &recorder{ResponseWriter: k}
	serve(rec, httptest.NewRequest("GET", "/", nil), time.Time{}, file)
	limited, ok := k.source.(*io.LimitedReader)
	if !ok {
		t.Fatalf("source: got %T, want what net/http sends by sendfile", k.source)
	}
	if _, ok := limited.R.(*os.File); !ok {
		t.Errorf("source: got %T, want the file itself", limited.R)
	}
	if rec.bytes != 100_000 || rec.status != 200 {
		t.Errorf("noted: got %d bytes and status %d", rec.bytes, rec.status)
	}
}

func TestBucketsForgetWhoIsQuietAndStayBounded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	b := newBuckets(60, 2, func() time.Time { return now })
	for range 2 {
		if err := b.take("a"); err != nil {
			t.Fatal(err)
		}
	}
	err := b.take("a")
	if e := imagechat.AsError(err); e == nil || e.Code != imagechat.RateLimited || e.RetryAfter != time.Second {
		t.Errorf("third at once: got %v, want rate_limited for one second", err)
	}
	if err := b.take("b"); err != nil {
		t.Errorf("another: got %v", err)
	}
	now = now.Add(time.Second)
	if err := b.take("a"); err != nil {
		t.Errorf("a second later: got %v", err)
	}
	for i := range 3 * maxBuckets {
		_ = b.take(strconv.Itoa(i))
	}
	if len(b.m) > maxBuckets {
		t.Errorf("remembers %d, want at most %d", len(b.m), maxBuckets)
	}
}

func TestANetworkOfIPv6CountsAsOne(t *testing.T) {
	t.Parallel()
	a, b := addressKey(netip.MustParseAddr("2001:db8:1:2::1")), addressKey(netip.MustParseAddr("2001:db8:1:2:ffff::9"))
	if a != b || a == addressKey(netip.MustParseAddr("2001:db8:1:3::1")) {
		t.Errorf("got %s and %s", a, b)
	}
	if got := addressKey(netip.MustParseAddr("::ffff:192.0.2.1")); got != "192.0.2.1" {
		t.Errorf("mapped: got %s", got)
	}
}

func TestPreferIsRead(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"": 0, "wait=5": 5 * time.Second, "respond-async, wait=10": 10 * time.Second, `WAIT="7"`: 7 * time.Second,
		"wait=0": 0, "wait=-1": 0, "wait=x": 0, "wait=9999": maxWait, "waiting=5": 0,
	} {
		if got := preferredWait(header); got != want {
			t.Errorf("%q: got %s, want %s", header, got, want)
		}
	}
}

func TestAFileNameSurvivesEveryClient(t *testing.T) {
	t.Parallel()
	got := disposition(`여름 "특가"; 50%.png`)
	want := `attachment; filename="__ ____; 50_.png"; filename*=UTF-8''%EC%97%AC%EB%A6%84%20%22%ED%8A%B9%EA%B0%80%22%3B%2050%25.png`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if strings.ContainsAny(disposition("a\r\nSet-Cookie: x"), "\r\n") {
		t.Error("a line break got into a header")
	}
}

func BenchmarkRegistration(b *testing.B) {
	for b.Loop() {
		newHuma(http.NewServeMux(), &operations{guard: &guard{}, bodies: newBodies()}, false)
	}
}

func TestANetworkThatGuessesCountsAsOneHoweverLargeItIs(t *testing.T) {
	t.Parallel()
	near, far := netip.MustParseAddr("2001:db8:1:1::1"), netip.MustParseAddr("2001:db8:1:ffff::1")
	if guessKey(near) != guessKey(far) || guessKey(near) == guessKey(netip.MustParseAddr("2001:db8:2::1")) {
		t.Errorf("got %s and %s, want one /48", guessKey(near), guessKey(far))
	}
	now := time.Now()
	b := newBuckets(6, 2, func() time.Time { return now })
	for range 2 {
		if err := b.take("guesser"); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 3 * maxBuckets { // a flood of addresses, each with one guess
		_ = b.take(strconv.Itoa(n))
	}
	if len(b.m) > maxBuckets {
		t.Errorf("%d buckets, want %d at most", len(b.m), maxBuckets)
	}
	if b.take("guesser") == nil {
		t.Error("the flood gave the guesser new guesses")
	}
}

func TestHostsBelowAWholeDomainAreNotSpokenFor(t *testing.T) {
	t.Parallel()
	for address, below := range map[string]bool{
		"https://chat.example.com": true, "https://example.com": false, "https://example.co.kr": false, "https://x.fly.dev": false,
	} {
		public, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(transport(public), "includeSubDomains"); got != below {
			t.Errorf("%s: includeSubDomains is %v, want %v", address, got, below)
		}
	}
}
