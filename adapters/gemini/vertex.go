package gemini

import (
	"context"
	"sync"

	"cloud.google.com/go/auth"
	"cloud.google.com/go/auth/credentials"
)

// defaultCredentials looks for the machine's credentials with the first call,
// as https://cloud.google.com/docs/authentication/application-default-credentials
// says, and renews their token when it runs out. What was not found is looked
// for again: a machine's own identity may come up later than we do.
func defaultCredentials() func(context.Context) (string, error) {
	var mu sync.Mutex
	var found *auth.Credentials
	detect := func() (*auth.Credentials, error) {
		mu.Lock()
		defer mu.Unlock()
		if found != nil {
			return found, nil
		}
		var err error
		found, err = credentials.DetectDefault(&credentials.DetectOptions{
			Scopes: []string{"https://www.googleapis.com/auth/cloud-platform"},
		})
		return found, err
	}
	return func(ctx context.Context) (string, error) {
		creds, err := detect()
		if err != nil {
			return "", err
		}
		token, err := creds.Token(ctx)
		if err != nil {
			return "", err
		}
		return token.Value, nil
	}
}
