package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/joho/godotenv"

	"github.com/gemini-image-chat/gemini-image-chat/cmd/imagechat/internal/commandline"
)

// settings are the server's options as text, exactly as somebody wrote them.
// A flag beats the environment, the environment beats the .env file, and that
// beats the default. [parseConfig] turns them into a [config].
//
// The tags: "from" is the environment variable, "preset" the default, and
// "example" what an error message shows as a good value. Secrets have no flag,
// because every user of a machine can read every process's command line; see
// [secretSettings].
type settings struct {
	Port               string `group:"Server" from:"PORT" preset:"8000" example:"8000" help:"Port to listen on; 0 picks a free one."`
	Host               string `group:"Server" from:"HOST" preset:"127.0.0.1" example:"127.0.0.1" help:"Address to listen on."`
	PublicURL          string `group:"Server" name:"public-url" from:"PUBLIC_URL" example:"https://chat.example.com" help:"The address people use, if a proxy stands in front."`
	AllowedOrigins     string `group:"Server" from:"ALLOWED_ORIGINS" example:"https://app.example.com,https://admin.example.com" help:"Other web origins that may call the API."`
	TrustedProxies     string `group:"Server" from:"TRUSTED_PROXIES" example:"10.0.0.0/8,192.168.1.7" help:"Proxies whose X-Forwarded-For is believed."`
	MaxSockets         string `group:"Server" from:"MAX_SOCKETS" preset:"3000" example:"3000" help:"WebSockets and event streams open at once."`
	MaxSocketsPerOwner string `group:"Server" from:"MAX_SOCKETS_PER_OWNER" preset:"50" example:"50" help:"WebSockets and event streams open at once for one login."`
	UploadQuotaMB      string `group:"Server" name:"upload-quota-mb" from:"UPLOAD_QUOTA_MB" preset:"2000" example:"2000" help:"Megabytes of uploads kept for one login; 0 is no limit."`
	RequestsPerMinute  string `group:"Server" from:"REQUESTS_PER_MINUTE" preset:"600" example:"600" help:"Requests a minute for one login and address; 0 is no limit."`
	TurnsPerMinute     string `group:"Server" from:"TURNS_PER_MINUTE" preset:"30" example:"30" help:"Turns a minute for one login; 0 is no limit."`

	GeminiModel         string `group:"Generator" from:"GEMINI_MODEL" preset:"gemini-nano-banana-2.1" example:"gemini-nano-banana-2.1" help:"Model id."`
	AllowedModels       string `group:"Generator" from:"ALLOWED_MODELS" example:"gemini-3-pro-image,gemini-next-preview" help:"Model ids that requests may name beside GEMINI_MODEL and those of GET /models."`
	GeminiBaseURL       string `group:"Generator" name:"gemini-base-url" from:"GEMINI_BASE_URL" example:"https://generativelanguage.googleapis.com" help:"Root URL of the Gemini API."`
	GeminiBackend       string `group:"Generator" from:"GEMINI_BACKEND" preset:"gemini" example:"gemini" help:"gemini (API key) or vertex (Google Cloud credentials)."`
	GoogleCloudProject  string `group:"Generator" from:"GOOGLE_CLOUD_PROJECT" example:"my-project" help:"Project, for GEMINI_BACKEND=vertex."`
	GoogleCloudLocation string `group:"Generator" from:"GOOGLE_CLOUD_LOCATION" preset:"global" example:"global" help:"Location, for GEMINI_BACKEND=vertex."`
	Generator           string `group:"Generator" from:"GENERATOR" preset:"auto" example:"auto" help:"auto, gemini or demo."`
	MaxConcurrentTurns  string `group:"Generator" from:"MAX_CONCURRENT_TURNS" preset:"4" example:"4" help:"Generator calls in flight; others wait."`
	MaxWaitingTurns     string `group:"Generator" from:"MAX_WAITING_TURNS" preset:"200" example:"200" help:"Turns of one login that may wait; 0 is no limit."`
	TurnTimeout         string `group:"Generator" from:"TURN_TIMEOUT" preset:"5m" example:"5m" help:"Longest generator call."`
	DailyBudgetUSD      string `group:"Generator" name:"daily-budget-usd" from:"DAILY_BUDGET_USD" preset:"0" example:"5" help:"US dollars in 24 hours, all sessions together; 0 is no cap."`
	SessionBudgetUSD    string `group:"Generator" name:"session-budget-usd" from:"SESSION_BUDGET_USD" preset:"0" example:"1.5" help:"US dollars in one session; 0 is no cap."`
	MCPConfirmAboveUSD  string `group:"Generator" name:"mcp-confirm-above-usd" from:"MCP_CONFIRM_ABOVE_USD" preset:"0.25" example:"0.25" help:"Estimated US dollars above which an agent's call has to be confirmed; 0 confirms every call that costs something."`
	PlacementsFile      string `group:"Generator" from:"PLACEMENTS_FILE" example:"./placements.json" help:"JSON file with purposes of your own."`
	ReferenceURLHosts   string `group:"Generator" name:"reference-url-hosts" from:"REFERENCE_URL_HOSTS" example:"images.example.com,*.cdn.example.com" help:"Hosts that reference_image_url may be fetched from; *.example.com is all below example.com."`

	DatabaseURL    string `group:"Storage" name:"database-url" from:"DATABASE_URL" preset:"sqlite:///./data/image_chat.db" example:"sqlite:///./data/image_chat.db" help:"Where conversations are kept."`
	BlobURL        string `group:"Storage" name:"blob-url" from:"BLOB_URL" preset:"file:///./data/blobs" example:"file:///./data/blobs" help:"Where image bytes are kept."`
	EventsURL      string `group:"Storage" name:"events-url" from:"EVENTS_URL" preset:"memory:" example:"memory:" help:"How machines tell one another about changes."`
	BackupURL      string `group:"Storage" name:"backup-url" from:"BACKUP_URL" example:"file:///backups" help:"Directory for scheduled backups, best on another disk; none without."`
	BackupInterval string `group:"Storage" from:"BACKUP_INTERVAL" preset:"24h" example:"24h" help:"Time between scheduled backups."`
	BackupKeep     string `group:"Storage" from:"BACKUP_KEEP" preset:"7" example:"7" help:"How many scheduled backups are kept."`

	Auth string `group:"Login" from:"AUTH" preset:"auto" example:"auto" help:"auto, none or tokens."`

	MetricsAddr string `group:"Operation" from:"METRICS_ADDR" example:"0.0.0.0:9091" help:"Address of a listener of its own for /metrics, which asks for no login; it must not be public."`
	C2PACert    string `group:"Provenance" name:"c2pa-cert" from:"C2PA_CERT" example:"./c2pa-chain.pem" help:"PEM chain that exported files are signed with, the signer's certificate first; a self-signed one of this instance when empty."`
	C2PAKey     string `group:"Provenance" name:"c2pa-key" from:"C2PA_KEY" example:"./c2pa-key.pem" help:"PEM file of its ECDSA P-256 key."`

	DrainTimeout    string `group:"Operation" from:"DRAIN_TIMEOUT" preset:"60s" example:"60s" help:"How long running turns may finish at shutdown."`
	DefaultLanguage string `group:"Operation" from:"DEFAULT_LANGUAGE" preset:"ko" example:"ko" help:"ko or en, when the client names none."`
	AppEnv          string `group:"Operation" from:"APP_ENV" preset:"development" example:"production" help:"development or production, or a name of your own; production logs JSON."`
	LogLevel        string `group:"Operation" from:"LOG_LEVEL" preset:"info" example:"info" help:"debug, info, warn or error."`
	LogFormat       string `group:"Operation" from:"LOG_FORMAT" example:"text" help:"text or json; text unless APP_ENV=production."`
	RunAs           string `group:"Operation" from:"RUN_AS" example:"65532:65532" help:"uid:gid to become when started as root (containers)."`
	CrashAt         string `hidden:"" from:"IMAGECHAT_CRASH_AT" help:"Point at which a binary built for fault tests kills itself."`
}

// secretSettings come from the environment and .env only.
var secretSettings = []setting{
	{Name: "GEMINI_API_KEY", Example: "AIza…", Secret: true},
	{Name: "AUTH_TOKENS", Example: "anna:a-long-random-secret", Secret: true},
	{Name: "METRICS_TOKEN", Example: "a-long-random-secret", Secret: true},
}

// A source says where a setting's text came from; doctor prints it.
type source string

const (
	fromFlag    source = "flag"
	fromEnv     source = "environment"
	fromDotEnv  source = ".env"
	fromFile    source = "file"
	fromDefault source = "default"
)

// A setting is one option with its text and origin.
type setting struct {
	Name    string // environment variable
	Flag    string
	Text    string
	Source  source
	Secret  bool
	Example string
}

// layered is every setting by its variable's name.
type layered map[string]setting

// text returns the setting's value as written, spaces around it removed.
func (l layered) text(name string) string { return strings.TrimSpace(l[name].Text) }

// layer merges the command line, the environment and the .env file. An empty
// variable counts as not set: that is what people mean who write PORT= in a
// compose file.
//
// A secret may also stand in a file that NAME_FILE names, as container
// platforms hand secrets over.
func layer(flags []*commandline.Flag, lookup func(string) (string, bool), dotenv map[string]string) (layered, error) {
	all := layered{}
	add := func(s setting, given string) {
		s.Source = fromDefault
		env, _ := lookup(s.Name)
		switch {
		case given != "":
			s.Text, s.Source = given, fromFlag
		case env != "":
			s.Text, s.Source = env, fromEnv
		case dotenv[s.Name] != "":
			s.Text, s.Source = dotenv[s.Name], fromDotEnv
		}
		all[s.Name] = s
	}
	for _, flag := range flags {
		if name := flag.Tag.Get("from"); name != "" {
			add(setting{
				Name: name, Flag: "--" + flag.Name,
				Text: flag.Tag.Get("preset"), Example: flag.Tag.Get("example"),
			}, flag.Text())
		}
	}
	for _, s := range secretSettings {
		add(s, "")
		file := setting{Name: s.Name + "_FILE", Example: "/run/secrets/" + strings.ToLower(s.Name)}
		add(file, "")
		if file = all[file.Name]; file.Text == "" {
			continue
		}
		if all[s.Name].Text != "" {
			return nil, &configError{file.Name, "is set beside " + s.Name + "; give one of the two", ""}
		}
		content, err := readSecret(file)
		if err != nil {
			return nil, err
		}
		s.Text, s.Source = content, fromFile
		all[s.Name] = s
	}
	return all, nil
}

// maxSecretFile bounds a file of secrets, in bytes: a wrong path may lead to anything.
const maxSecretFile = 64 << 10

// readSecret reads the file of a secret; a line break at its end is no part of it.
func readSecret(s setting) (string, error) {
	f, err := os.Open(strings.TrimSpace(s.Text))
	if err != nil {
		return "", &configError{s.Name, "the file cannot be read: " + err.Error(), s.Example}
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return "", &configError{s.Name, "the file cannot be read: " + err.Error(), s.Example}
	}
	text := strings.TrimSpace(string(content))
	if text == "" || len(content) > maxSecretFile {
		return "", &configError{s.Name, "the file " + s.Text + " is empty or holds no secret", s.Example}
	}
	return text, nil
}

// readDotEnv reads .env in dir; none is not an error. Parent directories are
// never searched: a server must not pick up somebody else's settings.
func readDotEnv(dir string) (map[string]string, error) {
	path := filepath.Join(dir, ".env")
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf(".env cannot be read: %w", err)
	}
	defer f.Close()
	values, err := godotenv.Parse(f)
	if err != nil {
		// The parser's message repeats the line, which may hold a key.
		return nil, fmt.Errorf(".env cannot be understood; write one NAME=value a line, e.g. PORT=8000")
	}
	return values, nil
}
