package event

// Code names a kind of event. The constants are the OWASP Logging Vocabulary's names; an application may add its own.
type Code string

// Authentication.
const (
	AuthnLoginSuccess          Code = "authn_login_success"
	AuthnLoginSuccessAfterFail Code = "authn_login_successafterfail"
	AuthnLoginFail             Code = "authn_login_fail"
	AuthnLoginFailMax          Code = "authn_login_fail_max"
	AuthnLoginLock             Code = "authn_login_lock"
	AuthnPasswordChange        Code = "authn_password_change"
	AuthnPasswordChangeFail    Code = "authn_password_change_fail"
	AuthnTokenCreated          Code = "authn_token_created"
	AuthnTokenRevoked          Code = "authn_token_revoked"
	AuthnTokenReuse            Code = "authn_token_reuse"
	AuthnTokenDelete           Code = "authn_token_delete"
	// AuthnTokenFail is ours: the vocabulary has no name for a credential that was refused outside a login.
	AuthnTokenFail Code = "authn_token_fail"
)

// Authorisation and privileges.
const (
	AuthzFail                   Code = "authz_fail"
	AuthzChange                 Code = "authz_change"
	AuthzAdmin                  Code = "authz_admin"
	PrivilegePermissionsChanged Code = "privilege_permissions_changed"
)

// Input, files and abuse.
const (
	InputValidationFail         Code = "input_validation_fail"
	InputValidationDiscreteFail Code = "input_validation_discrete_fail"
	UploadComplete              Code = "upload_complete"
	UploadStored                Code = "upload_stored"
	UploadValidation            Code = "upload_validation"
	UploadDelete                Code = "upload_delete"
	ExcessRateLimitExceeded     Code = "excess_rate_limit_exceeded"
	MaliciousExcess404          Code = "malicious_excess_404"
	MaliciousExtraneous         Code = "malicious_extraneous"
	MaliciousAttackTool         Code = "malicious_attack_tool"
	MaliciousCORS               Code = "malicious_cors"
	MaliciousDirectReference    Code = "malicious_direct_reference"
	SequenceFail                Code = "sequence_fail"
)

// Sessions and users.
const (
	SessionCreated        Code = "session_created"
	SessionRenewed        Code = "session_renewed"
	SessionExpired        Code = "session_expired"
	SessionUseAfterExpire Code = "session_use_after_expire"
	UserCreated           Code = "user_created"
	UserUpdated           Code = "user_updated"
	UserArchived          Code = "user_archived"
	UserDeleted           Code = "user_deleted"
)

// Data and cryptography.
const (
	SensitiveCreate  Code = "sensitive_create"
	SensitiveRead    Code = "sensitive_read"
	SensitiveUpdate  Code = "sensitive_update"
	SensitiveDelete  Code = "sensitive_delete"
	CryptDecryptFail Code = "crypt_decrypt_fail"
	CryptEncryptFail Code = "crypt_encrypt_fail"
)

// The service itself.
const (
	SysStartup         Code = "sys_startup"
	SysShutdown        Code = "sys_shutdown"
	SysRestart         Code = "sys_restart"
	SysCrash           Code = "sys_crash"
	SysMonitorDisabled Code = "sys_monitor_disabled"
	SysMonitorEnabled  Code = "sys_monitor_enabled"
)
