//! What an answer leads to: the ids in it, and the operations that take them.

use utoipa::openapi::link::Link;
use utoipa::openapi::{Paths, RefOr};

use crate::api::BASE;
use crate::api::tickets::CREATE_PATHS;

/// The path whose answer to a POST holds an id, its status, where the id is, and the operations that it leads to.
const LINKS: &[(&str, &str, &str, &[&str])] = &[
    (
        "/users",
        "201",
        "$response.body#/user_id",
        &[
            "get_user",
            "update_user",
            "delete_user",
            "get_user_enrollments",
        ],
    ),
    (
        "/clients",
        "201",
        "$response.body#/client_id",
        &["get_client", "update_client", "delete_client"],
    ),
    (CREATE_PATHS[0], "200", "$response.body#/ticket_id", TICKET),
    (CREATE_PATHS[1], "200", "$response.body#/ticket_id", TICKET),
    (CREATE_PATHS[2], "200", "$response.body#/ticket_id", TICKET),
];
const TICKET: &[&str] = &["get_ticket", "resend_ticket", "delete_ticket"];

/// Adds the links to what the paths answer to a POST.
pub(super) fn add(paths: &mut Paths) {
    for (path, status, id, targets) in LINKS {
        let response = paths
            .paths
            .get_mut(&format!("{BASE}{path}"))
            .and_then(|item| item.post.as_mut())
            .and_then(|operation| operation.responses.responses.get_mut(*status));
        let Some(RefOr::T(response)) = response else {
            continue;
        };
        for target in *targets {
            let link = Link::builder()
                .operation_id(*target)
                .parameter("id", *id)
                .build();
            response.links.insert((*target).to_owned(), link.into());
        }
    }
}
