package gemini

import (
	"context"
	"sync"

	"cloud.google.com/go/auth"
	"cloud.google.com/go/auth/credentials"
)

// defaultCredentials looks for the machine's credentials with the first call,
// as https://cloud.google.com/docs/authentication/application-default-credentials
// says, and renews their token when it runs out.
func defaultCredentials() func(context.Context) (string, error) {
	detect := sync.OnceValues(func() (*auth.Credentials, error) {
		return credentials.DetectDefault(&credentials.DetectOptions{
			Scopes: []string{"https://www.googleapis.com/auth/cloud-platform"},
		})
	})
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
