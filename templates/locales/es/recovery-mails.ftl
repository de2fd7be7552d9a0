# Las palabras de los correos sobre el código de recuperación. Un asunto ocupa una sola línea.

mail-recovery-code-used-subject = { $site }: se ha usado su código de recuperación
mail-recovery-code-used-kind = Su cuenta
mail-recovery-code-used-title = Se ha usado su código de recuperación
mail-recovery-code-used-what = Alguien inició sesión en su cuenta de { $site } con su código de recuperación el { $date }. Ese código está gastado y se mostró uno nuevo.
mail-recovery-code-used-you = Si fue usted, guarde el código nuevo donde estaba el anterior. No hay nada más que hacer.
mail-recovery-code-used-not-you = Si no fue usted, quizá alguien tenga su código y acceso a su cuenta. Póngase en contacto con { $site } de inmediato.

mail-recovery-code-replaced-subject = { $site }: tiene un nuevo código de recuperación
mail-recovery-code-replaced-kind = Su cuenta
mail-recovery-code-replaced-title = Se ha reemplazado su código de recuperación
mail-recovery-code-replaced-what = { $site } creó un nuevo código de recuperación para su cuenta el { $date }. El código que tenía ya no funciona.
mail-recovery-code-replaced-you = Si usted lo pidió, guarde el código nuevo en un lugar seguro y tire el anterior.
mail-recovery-code-replaced-not-you = Si usted no lo pidió y nadie le habló de ello, póngase en contacto con { $site }.
