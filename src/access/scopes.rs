//! What an API client may do (contract §4.3).

/// The name of a permission, as tokens carry it.
pub type Scope = &'static str;

/// Create, and mail again, tickets.
pub const CREATE_TICKETS: Scope = "create:guardian_enrollment_tickets";
/// List and show tickets.
pub const READ_TICKETS: Scope = "read:guardian_enrollment_tickets";
/// Revoke tickets.
pub const DELETE_TICKETS: Scope = "delete:guardian_enrollment_tickets";
/// Show enrollments.
pub const READ_ENROLLMENTS: Scope = "read:guardian_enrollments";
/// Remove enrollments.
pub const DELETE_ENROLLMENTS: Scope = "delete:guardian_enrollments";
/// Show which factors are on.
pub const READ_FACTORS: Scope = "read:guardian_factors";
/// Switch factors on and off.
pub const UPDATE_FACTORS: Scope = "update:guardian_factors";
/// Create users.
pub const CREATE_USERS: Scope = "create:users";
/// Show users and their enrollments.
pub const READ_USERS: Scope = "read:users";
/// Change users.
pub const UPDATE_USERS: Scope = "update:users";
/// Remove users.
pub const DELETE_USERS: Scope = "delete:users";

/// Add authentication methods.
pub const CREATE_METHODS: Scope = "create:authentication_methods";
/// Show authentication methods.
pub const READ_METHODS: Scope = "read:authentication_methods";
/// Change and replace authentication methods.
pub const UPDATE_METHODS: Scope = "update:authentication_methods";
/// Remove authentication methods.
pub const DELETE_METHODS: Scope = "delete:authentication_methods";

/// Create clients, which are applications.
pub const CREATE_CLIENTS: Scope = "create:clients";
/// Show clients.
pub const READ_CLIENTS: Scope = "read:clients";
/// Change clients.
pub const UPDATE_CLIENTS: Scope = "update:clients";
/// Remove clients.
pub const DELETE_CLIENTS: Scope = "delete:clients";

/// Show the settings of the installation.
pub const READ_SETTINGS: Scope = "read:tenant_settings";
/// Change the page that is stored among them.
pub const UPDATE_SETTINGS: Scope = "update:tenant_settings";
/// Store mails.
pub const CREATE_MAILS: Scope = "create:email_templates";
/// Show stored mails.
pub const READ_MAILS: Scope = "read:email_templates";
/// Change stored mails.
pub const UPDATE_MAILS: Scope = "update:email_templates";

/// Begin a login of the MFA API for a user.
pub const CREATE_MFA_TOKENS: Scope = "create:mfa_tokens";

/// All scopes that this server knows.
pub const ALL: [Scope; 25] = [
    CREATE_TICKETS,
    READ_TICKETS,
    DELETE_TICKETS,
    READ_ENROLLMENTS,
    DELETE_ENROLLMENTS,
    READ_FACTORS,
    UPDATE_FACTORS,
    CREATE_USERS,
    READ_USERS,
    UPDATE_USERS,
    DELETE_USERS,
    CREATE_METHODS,
    READ_METHODS,
    UPDATE_METHODS,
    DELETE_METHODS,
    CREATE_CLIENTS,
    READ_CLIENTS,
    UPDATE_CLIENTS,
    DELETE_CLIENTS,
    READ_SETTINGS,
    UPDATE_SETTINGS,
    CREATE_MAILS,
    READ_MAILS,
    UPDATE_MAILS,
    CREATE_MFA_TOKENS,
];

/// The known scope of this name.
pub fn known(name: &str) -> Option<Scope> {
    ALL.into_iter().find(|scope| *scope == name)
}
